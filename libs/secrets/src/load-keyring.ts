import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { NamedKey } from '#config';
import type { Logger } from '#observability';
import { Keyring, newKeyLines, parseKeyLines } from './keyring.js';
import { readOrCreatePrivateFile } from './private-file.js';

/** Where a set of keys comes from. */
export interface KeyringSource {
  /** Keys of the environment; `null`: the file is used. */
  readonly configured: readonly NamedKey[] | null;
  /** Absolute directory of the key file. */
  readonly dataDir: string;
  /** Name of the key file, also what messages call it. */
  readonly fileName: 'keyring' | 'peppers';
  /** What is lost with the keys: for the file's head and the warning. */
  readonly purpose: string;
}

/**
 * Takes the keys of the environment, else those of the key file, which is made on the first start.
 *
 * @throws Error or RangeError naming the file when it is open to other users, unreadable or malformed
 */
export async function loadKeyring(source: KeyringSource, logger: Logger): Promise<Keyring> {
  if (source.configured !== null) return new Keyring(source.configured);
  const path = join(source.dataDir, source.fileName);
  const { text, created } = await readOrCreatePrivateFile(path, () =>
    newKeyLines(source.purpose, randomBytes),
  );
  if (created) logger.warn(`made a new key file: back it up. ${source.purpose}`, { path });
  return readKeyFile(path, text);
}

function readKeyFile(path: string, text: string): Keyring {
  try {
    return new Keyring(parseKeyLines(text));
  } catch (error) {
    throw new RangeError(`${path}: ${error instanceof Error ? error.message : 'malformed'}`, {
      cause: error,
    });
  }
}
