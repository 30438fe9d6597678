import { existsSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { FileVerifier, PublicKeys, readCheckpoints, SigningKeys, type SignatureCheck } from '#audit';
import type { GatewayConfig } from '#config';
import { loadPeppers } from '#secrets';
import type { CommandAnswer } from './commands.js';

/** Which files are checked, and by what. */
export interface FilesToVerify {
  readonly files: readonly string[];
  /** Default: beside each file. */
  readonly manifest: string | null;
  /** Default: the checkpoints in the data directory. */
  readonly checkpoints: string | null;
  /** Default: the keys that are derived from the peppers. */
  readonly publicKeys: string | null;
}

/**
 * Reads what stands behind `verify`.
 *
 * @returns `null` when it names no file
 * @throws Error saying which argument is unknown or makes no sense
 */
export function readFilesToVerify(words: string[]): FilesToVerify | null {
  const { values } = parseArgs({ args: words, options: verifyOptions });
  const { file: files = [], manifest = null, checkpoints = null, 'public-keys': publicKeys = null } = values;
  if (manifest !== null && files.length !== 1) throw new Error('--manifest goes with one --file.');
  if (files.length === 0 && (checkpoints ?? publicKeys) !== null) throw new Error('There is no --file.');
  return files.length === 0 ? null : { files, manifest, checkpoints, publicKeys };
}

/** Checks files that were given out. Neither a database nor a holder of keys is asked. */
export async function verifyFiles(
  { files, manifest, checkpoints, publicKeys }: FilesToVerify,
  { dataDir, keys: { keyPeppers } }: Pick<GatewayConfig, 'dataDir' | 'keys'>,
): Promise<CommandAnswer> {
  const keys =
    publicKeys === null
      ? await ownKeys({ dataDir, keyPeppers })
      : PublicKeys.read(await readFile(publicKeys, 'utf8'));
  const signed = await readCheckpoints(checkpoints ?? join(dataDir, 'audit-checkpoints.jsonl'), keys);
  const verifier = new FileVerifier({ keys, checkpoints: signed.checkpoints });
  const found = await verifier.verify(
    files.map((path) => ({ path, manifest: manifest ?? `${path}.manifest.json` })),
  );
  return { lines: [JSON.stringify(found)], ok: found.ok };
}

/** @throws Error where there are no peppers: new ones would prove nothing */
export function refuseWithoutPeppers({ dataDir, keyPeppers }: PepperPlace): void {
  const path = join(dataDir, 'peppers');
  if (keyPeppers !== null || existsSync(path)) return;
  throw new Error(`There is no ${path}: set KEY_PEPPERS or DATA_DIR as for the gateway.`);
}

interface PepperPlace {
  readonly dataDir: string;
  readonly keyPeppers: GatewayConfig['keys']['keyPeppers'];
}

async function ownKeys(place: PepperPlace): Promise<SignatureCheck> {
  refuseWithoutPeppers(place);
  return new SigningKeys(await loadPeppers(place, quiet));
}

const nothing = (): void => undefined;
const quiet = { debug: nothing, info: nothing, warn: nothing, error: nothing };

const verifyOptions = {
  file: { type: 'string', multiple: true },
  manifest: { type: 'string' },
  checkpoints: { type: 'string' },
  'public-keys': { type: 'string' },
} as const;
