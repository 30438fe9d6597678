import type { AccountId, Random } from '#kernel';

/** An admissible account as a strategy sees it. */
export interface Candidate {
  readonly id: AccountId;
  /** Share of the traffic relative to the others, as configured; > 0. */
  readonly weight: number;
  /** What a call costs here relative to the list price, >= 0. */
  readonly costFactor: number;
  /** What is left of its tightest limit: 1 while at least half of it is free, then falling towards 0; > 0. */
  readonly headroom: number;
  /** Share of recent calls that did not fail; > 0, 1 when all is well. */
  readonly health: number;
  /** Time to first byte of late relative to what is usual in the pool for the same models; > 0, 1 is usual. */
  readonly slowness: number;
  /** Calls under way. */
  readonly inFlight: number;
  /** Calls that may be under way at once; `Infinity` when not limited. */
  readonly maxConcurrency: number;
}

/** The admissible accounts of one tier, at least one. A strategy keeps no reference to it. */
export interface Roster<Some extends Candidate = Candidate> extends Iterable<Some> {
  /** The one of the lowest rank whose turn comes first. Costs nothing. */
  first(): Some;
  /** One by chance, each about as likely as any other. Costs nothing. */
  any(random: Random): Some;
  /** All of them, always in the same order, measured now. Costs a look at every account of the tier: for small pools. */
  [Symbol.iterator](): Iterator<Some>;
}

/**
 * How to choose among the admissible accounts of one tier. Configured by `PoolOptions.strategy`; the default is `entropy`.
 * The pool itself keeps whose turn it is, so that nothing needs to be remembered and one object serves all pools. An own
 * one passes `strategyFaults`:
 *
 * ```ts
 * const healthiest: SelectionStrategy = {
 *   name: 'healthiest',
 *   pull: ({ health }) => health,
 *   pick(roster, random) {
 *     const [one, other] = [roster.any(random), roster.any(random)];
 *     return other.health > one.health ? other : one;
 *   },
 * };
 * ```
 */
export interface SelectionStrategy {
  /** What the configuration calls it; lower-case words with hyphens. */
  readonly name: string;
  /**
   * How far chance may put off a turn, as a share of the span between two turns; in [0, 1]. Above 0, chance also decides
   * where an account starts. Default 0: deterministic.
   */
  readonly shuffle?: number;
  /**
   * Whether a call that takes more of the limits than usual counts for more than one turn, so that accounts share out what
   * they carry and not how often they are picked. Default `false`.
   */
  readonly weighsCalls?: boolean;
  /**
   * How strongly a candidate draws traffic relative to the others; > 0. It has a turn every `1 / pull`, and this is what
   * is shown as its predicted share.
   */
  pull(candidate: Candidate): number;
  /**
   * Who stands before the others whatever their turns: lower is first; of equals the one that was picked longest ago.
   * Read when a call of the candidate begins or ends and when its configuration changes, so it must not depend on time
   * alone. Default: all are equal, and turns follow {@link pull}.
   */
  readonly rank?: (candidate: Candidate) => number;
  /** Chooses one of the roster. */
  pick<Some extends Candidate>(roster: Roster<Some>, random: Random): Some;
}
