import type { AccountLimits } from '#pool-core';
import type { Pace } from '../workload/counted.js';

/** What an account tells about its limits. */
export type Candour = 'headers' | 'retry-after' | 'nothing';

/** An account as it really is at the provider. */
export interface AccountTruth extends Pace {
  readonly id: string;
  /** Its size relative to the others, and its configured weight. */
  readonly scale: number;
  readonly limits: AccountLimits;
  /** Accounts of one organisation share its limits; `null` when they are its own. */
  readonly organisation: string | null;
  readonly candour: Candour;
  /** Tokens of an answer that admission holds when the caller allows as many; corrected when the answer has ended. */
  readonly answerHold: number;
}

/** Something that goes wrong for a while. */
export interface Fault {
  readonly kind: 'revoked' | 'credit_spent' | 'outage' | 'brown_out' | 'slow' | 'storm';
  /** Since the run began, ms. */
  readonly fromMs: number;
  readonly untilMs: number;
  /** Accounts it strikes; `null` for all. */
  readonly accounts: readonly string[] | null;
  /** What works all the same. Default: nothing. */
  readonly spares?: 'listing';
}

/** All limits become so many times as large, or as small, at an instant. */
export interface LimitChange {
  /** Since the run began, ms. */
  readonly atMs: number;
  readonly factor: number;
}

/** Traffic of others, who do not ask the gateway, on some accounts. */
export interface Outsiders {
  readonly accounts: readonly string[];
  /** Of what these accounts refill, in (0, 1). */
  readonly share: number;
}
