import type { LimitReading, ProviderFailure } from '#kernel';
import type { SimCall } from '../workload/sim-call.js';

/** An account chosen for a call. */
export interface Pick {
  readonly accountId: string;
}

/** Who waits for an answer of a policy: one of the two is called once, now or later. */
export interface Seeker {
  readonly call: SimCall;
  readonly tried: ReadonlySet<string>;
  picked(pick: Pick): void;
  /** @param retryAtMs when to come back, ms since the epoch; `null` when the policy cannot say */
  refused(retryAtMs: number | null): void;
}

/** What a gateway learns of a call in the end. */
export type CallEnd =
  | {
      readonly kind: 'served';
      readonly call: SimCall;
      readonly firstByteMs: number;
      readonly limits: readonly LimitReading[];
    }
  | {
      readonly kind: 'failed';
      readonly call: SimCall;
      readonly failure: ProviderFailure;
      readonly limits: readonly LimitReading[];
    };

/** A way to choose accounts. */
export interface Policy {
  readonly name: string;
  /** Failed calls it sends to a further account at most. */
  readonly mostRetries: number;
  seek(seeker: Seeker): void;
  /** The head of an answer has come, the end has not; said of streams alone. */
  hear(pick: Pick, limits: readonly LimitReading[]): void;
  settle(pick: Pick, end: CallEnd): void;
  /** What is still held when no call is under way any more, in words; empty when nothing. */
  leftovers(): string[];
}
