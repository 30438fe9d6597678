import type { ChainEnd } from '../domain/chain-check.js';
import type { SignatureCheck } from './public-keys.js';
import type { SigningKeys } from './signing-keys.js';

/** A signed word, kept outside the database, on how the log ended at an instant. */
export interface Checkpoint extends ChainEnd {
  /** RFC 3339. */
  readonly at: string;
}

/** @returns one line of JSON, without the line's end */
export function writeCheckpoint({ sequence, hash, at }: Checkpoint, keys: SigningKeys): string {
  const said = { sequence, hash, at };
  return JSON.stringify({ ...said, ...keys.sign(textOf(said)) });
}

/** @returns `null` for a line that is damaged, or not signed by a key of ours */
export function readCheckpoint(line: string, keys: SignatureCheck): Checkpoint | null {
  try {
    const read = JSON.parse(line) as Record<string, unknown>;
    const { sequence, hash, at, keyId, signature } = read;
    if (typeof sequence !== 'number' || !Number.isSafeInteger(sequence)) return null;
    const texts = [hash, at, keyId, signature];
    if (!texts.every((text) => typeof text === 'string')) return null;
    const said = { sequence, hash: String(hash), at: String(at) };
    const signed = { keyId: String(keyId), signature: String(signature) };
    return keys.isSignatureOf(textOf(said), signed) ? said : null;
  } catch {
    return null;
  }
}

const textOf = ({ sequence, hash, at }: Checkpoint): string =>
  `audit checkpoint 1\n${sequence}\n${hash}\n${at}`;
