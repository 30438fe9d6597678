import type { NamedKey } from '#config';
import type { Logger } from '#observability';
import { KeyPeppers } from './key-peppers.js';
import { loadKeyring } from './load-keyring.js';

/** Where the peppers come from. */
export interface PepperOptions {
  /** Absolute directory of the key files. */
  readonly dataDir: string;
  /** `null`: from `peppers` in the data directory, generated at first start. */
  readonly keyPeppers: readonly NamedKey[] | null;
}

/**
 * Takes the peppers of the environment, else those of their file, which is made on the first start.
 *
 * @throws Error or RangeError naming the file when it is open to other users, unreadable or malformed
 */
export async function loadPeppers(
  { dataDir, keyPeppers: configured }: PepperOptions,
  logger: Logger,
): Promise<KeyPeppers> {
  const purpose = 'Peppers of system API keys: without them no stored key is recognised';
  return new KeyPeppers(await loadKeyring({ configured, dataDir, fileName: 'peppers', purpose }, logger));
}
