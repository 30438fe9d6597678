import type { CallSignal, FailureClassifier, ModelCall, ProviderAdapter, UpstreamTarget } from '#ai-provider';
import type { AccountId, LimitReading, ProviderFailure, TokenPrice, TokenUsage } from '#kernel';
import type { AccountSet, Refusal } from '#pool-core';

/** What a call needs from a pool. */
export interface LeaseRequest {
  /** A provider of another wire format is asked in its own, where the call can be translated. */
  readonly call: ModelCall;
  /** Name of the provider row, or the kind itself. */
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Prompt tokens to reserve, >= 1. */
  readonly inputTokens: number;
  /** The caller's bound on generated tokens; `null` when it set none. */
  readonly maxOutputTokens: number | null;
  /** What its tokens cost by list price; `null` when nobody knows: budgets do not count the call. */
  readonly price: TokenPrice | null;
  /** Equal, short text for calls whose prompts begin alike, so that they meet a warm prompt cache; `null` for none. */
  readonly affinity: string | null;
  /** Who asks: calls with an equal one share what their caller may have when many wait. */
  readonly callerId: string;
  /** Share of a waiting caller relative to the others, > 0; 1 is usual. */
  readonly callerWeight: number;
  /** Accounts that this call has tried already, or ({@link AllButOne}) must not go to. */
  readonly exclude: AccountSet;
}

/** What became of a lease; decides what the account's windows, breaker and cool-down learn. */
export type LeaseOutcome =
  | {
      readonly kind: 'succeeded';
      /** Real usage; `null` when the provider told none: the reservation then stands. */
      readonly tokens: TokenUsage | null;
      readonly limits: readonly LimitReading[];
      readonly firstByteMs: number;
      readonly durationMs: number;
    }
  | {
      readonly kind: 'failed';
      readonly failure: ProviderFailure;
      readonly tokens: TokenUsage | null;
      readonly limits: readonly LimitReading[];
      readonly durationMs: number;
    }
  /** The caller went away: nobody's failure. */
  | { readonly kind: 'aborted'; readonly tokens: TokenUsage | null; readonly durationMs: number };

/** The right to make one upstream call on one account: 1 request, the estimated tokens, 1 slot are reserved. */
export interface Lease {
  readonly accountId: AccountId;
  /** Name of the provider row. */
  readonly provider: string;
  /** The provider's, or where the call is translated one for this call alone. */
  readonly adapter: ProviderAdapter;
  /** What to send: the call, without what providers of other wire formats have left in it for themselves. */
  readonly call: ModelCall;
  /** Says what a failure of the call means: the rules of the provider's operator, then the adapter. */
  readonly classifier: FailureClassifier;
  readonly target: UpstreamTarget;
  /** What the call costs on this account relative to the list price. */
  readonly costFactor: number;
  /** The call is still under way: to be said with each sign of life, lest the lease expires. */
  keepAlive(): void;
  /** What the head of an answer says of limits, while the rest is still to come; its end then has nothing to add. */
  noteLimits(readings: readonly LimitReading[]): void;
  /** Gives the slot back and tells what was learnt. Idempotent: only the first call counts. */
  settle(outcome: LeaseOutcome): void;
}

/** Why no account of the pool may serve the call now. */
export interface PoolRefusal {
  readonly kind: 'refused';
  /**
   * `exhausted`: waiting helps. `unavailable`: nothing is configured, or all is off by hand or broken until a person
   * acts. `unsupported`: the provider has no such operation in this wire format, nor in another to which the call is
   * translated; `fault` says what of the call stands in the way of that. `tried`: every account that is left was already
   * tried by this call. `stopping`: the process stops.
   */
  readonly why: 'exhausted' | 'unavailable' | 'unsupported' | 'tried' | 'stopping';
  /** What of the call this provider cannot be told, for the caller. */
  readonly fault?: { readonly field: string; readonly message: string };
  /** What stands in the way at each account; found out when it is come to, so to be read at once and no further than needed. */
  readonly refusals: Iterable<Refusal>;
  /** The soonest instant, over all reasons, at which an account could admit this request; `null` when none will. */
  readonly earliestMs: number | null;
}

/** Until when and unless what a call waits. */
export interface WaitTerms {
  /** When the caller needs its answer, ms since the epoch; `Infinity` when the pool's wait limit alone counts. */
  readonly deadlineMs: number;
  /** Ends the wait at once. */
  readonly signal: CallSignal;
}

/** Answer of the scheduler. A refusal is a value, no error. */
export type LeaseDecision = { readonly kind: 'leased'; readonly lease: Lease } | PoolRefusal;

/** Answer to a call that several places could serve. */
export type PlacesDecision =
  | { readonly kind: 'leased'; readonly lease: Lease }
  /** One refusal for each place, in their order. */
  | { readonly kind: 'refused'; readonly refusals: readonly PoolRefusal[] };
