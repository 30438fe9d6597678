/** What a key may use; `null`: no bound. */
export interface KeyLimits {
  /** Requests a minute, whole, >= 1. */
  readonly rpm: number | null;
  /** Tokens a minute, whole, >= 1. */
  readonly tpm: number | null;
  /** Calls at once, whole, >= 1. */
  readonly maxConcurrency: number | null;
}

/** One call that wants to go on. */
export interface LimitAsk {
  /** Whose limits these are. */
  readonly subject: string;
  /** Another for each call. */
  readonly callId: string;
  readonly limits: KeyLimits;
  /** What it is expected to use. A call that alone is above the limit goes when all of the limit is free. */
  readonly tokens: number;
}

/** A call that may go on. */
export interface LimitHold {
  readonly kind: 'taken';
  /** Requests that could still be taken now; `Infinity` without a limit. */
  readonly requestsLeft: number;
  /** Ends the call: its slot is free, its tokens are what it used. The first time counts. Never throws. */
  settle(tokensUsed: number): void;
}

/** A call that may not go on now. It has used up nothing. */
export interface LimitRefusal {
  readonly kind: 'refused';
  readonly by: keyof KeyLimits;
  /** When it could go on, as far as can be told: ms from now, > 0. */
  readonly retryAfterMs: number;
}

/** How long who finds all slots taken is told to wait: nobody knows when a call ends. */
export const slotRetryMs = 1_000;

/** Keeps count of what keys use. Port: in memory, or in Redis for all replicas together. */
export abstract class LimitStore {
  /** Takes one request, its tokens and a slot together, or nothing. */
  abstract take(ask: LimitAsk): LimitHold | LimitRefusal | Promise<LimitHold | LimitRefusal>;
}
