import type { Signature } from '../checkpoints/public-keys.js';
import type { SigningKeys } from '../checkpoints/signing-keys.js';

/** What stands for a month that was archived and dropped. Signed: it cannot be made up by whoever writes the database. */
export interface Seal extends Signature {
  /** Name of the partition that was dropped. */
  readonly partition: string;
  readonly firstSequence: number;
  readonly lastSequence: number;
  /** Of the last event, ms since the epoch. */
  readonly lastAtMs: number;
  /** What the first event followed, hex. */
  readonly previousHash: string;
  /** Of the last event, hex. */
  readonly headHash: string;
  /** Name of the file that holds the events. */
  readonly archive: string;
  /** Of that file, hex. */
  readonly archiveSha256: string;
}

/** Signs what a seal says. */
export const signedSeal = (said: Omit<Seal, keyof Signature>, keys: SigningKeys): Seal => ({
  ...said,
  ...keys.sign(textOf(said)),
});

/** Whether a seal was made by us and not changed since. */
export const isSealOurs = (seal: Seal, keys: SigningKeys): boolean => keys.isSignatureOf(textOf(seal), seal);

function textOf(seal: Omit<Seal, keyof Signature>): string {
  const { partition, firstSequence, lastSequence, lastAtMs, previousHash, headHash, archive, archiveSha256 } =
    seal;
  const range = [partition, firstSequence, lastSequence, lastAtMs];
  return ['audit seal 1', ...range, previousHash, headHash, archive, archiveSha256].join('\n');
}
