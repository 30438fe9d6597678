import type { ObjectKind } from '#ai-provider';
import type { AccountId, ApiKeyId } from '#kernel';

/** Something that a provider keeps, with the account it lies with and the key it belongs to. */
export interface Pin {
  readonly kind: ObjectKind;
  /** As the provider calls it. */
  readonly id: string;
  /** `null`: the root key. */
  readonly owner: ApiKeyId | null;
  /** Name of the pool. */
  readonly provider: string;
  readonly accountId: AccountId;
  /** What the provider last told of it; `null` where lists do not show it. */
  readonly body: Readonly<Record<string, unknown>> | null;
  /** ms since the epoch. */
  readonly createdAtMs: number;
  /** From then on it is forgotten, ms since the epoch. */
  readonly expiresAtMs: number;
}

/** Who looks for a pin: the root key sees those of all. */
export type PinSeeker = Pick<Pin, 'owner'>;

/** Which pins are wanted of a list. */
export interface PinPage {
  /** At most, 1 to 1,000. */
  readonly limit: number;
  /** The pin the page starts behind: its id, or where it stood, which outlives it; `null` for the first page. */
  readonly after: string | Pick<Pin, 'id' | 'createdAtMs'> | null;
  readonly order: 'asc' | 'desc';
  /** Members that the body must have, as `{"purpose":"batch"}`; empty for all. */
  readonly having: Readonly<Record<string, string>>;
}

const dayMs = 86_400_000;

/**
 * How long pins are remembered, ms. Providers keep responses for 30 days, results of batches for 29 or 30; files stay until
 * they are deleted, or until the instant that their provider tells: those of Gemini for 48 hours, its caches as long as the
 * caller says.
 */
export const keptMs: Readonly<Record<ObjectKind, number>> = {
  responses: 31 * dayMs,
  batches: 90 * dayMs,
  message_batches: 90 * dayMs,
  files: 730 * dayMs,
  anthropic_files: 730 * dayMs,
  gemini_files: 3 * dayMs,
  gemini_caches: 730 * dayMs,
};
