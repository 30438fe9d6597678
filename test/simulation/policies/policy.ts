import type { LimitReading, ProviderFailure } from '#kernel';
import type { SimCall } from '../workload/sim-call.js';

/** An account chosen for a call. */
export interface Pick {
  readonly accountId: string;
}

/** What a policy answers. */
export type Choice =
  | { readonly kind: 'picked'; readonly pick: Pick }
  /** `earliestMs`: from when it could admit the call; `null` when it cannot say. */
  | { readonly kind: 'refused'; readonly earliestMs: number | null };

/** What a gateway learns of a call in the end. */
export type CallEnd =
  | { readonly kind: 'served'; readonly call: SimCall; readonly limits: readonly LimitReading[] }
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
  choose(call: SimCall, tried: ReadonlySet<string>, nowMs: number): Choice;
  settle(pick: Pick, end: CallEnd, nowMs: number): void;
  /** What is still held when no call is under way any more, in words; empty when nothing. */
  leftovers(): string[];
}
