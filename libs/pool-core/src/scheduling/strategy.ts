import type { AccountId, Random } from '#kernel';

/** An admissible account as a strategy sees it. */
export interface Candidate {
  readonly id: AccountId;
  /** Share of the traffic relative to the others, as configured; > 0. */
  readonly weight: number;
  /** What is left of its tightest limit: 1 while at least half of it is free, then falling towards 0; > 0. */
  readonly headroom: number;
  /** Share of recent calls that did not fail; > 0, 1 when all is well. */
  readonly health: number;
  /** Calls under way. */
  readonly inFlight: number;
  /** For the strategy alone: one number it keeps per account between picks. `NaN` until it first writes. */
  memory: number;
}

/**
 * How to choose among the admissible accounts of one tier. Configured by `PoolOptions.strategy`; the default is `entropy`.
 * An own one passes `strategyFaults` and keeps its state in `Candidate.memory`, so that one object serves all pools:
 *
 * ```ts
 * const leastLoaded: SelectionStrategy = {
 *   name: 'least-loaded',
 *   pull: (candidate) => 1 / (1 + candidate.inFlight),
 *   pick: (candidates) => candidates.reduce((a, b) => (b.inFlight < a.inFlight ? b : a)),
 * };
 * ```
 */
export interface SelectionStrategy {
  /** What the configuration calls it; lower-case words with hyphens. */
  readonly name: string;
  /** How strongly a candidate draws traffic relative to the others; > 0. What is shown as its predicted share. */
  pull(candidate: Candidate): number;
  /**
   * Chooses one. May write the candidates' `memory`, keeps no reference to the list.
   *
   * @param candidates at least one, all of one tier, always in the same order
   * @returns one of `candidates`
   */
  pick<Some extends Candidate>(candidates: readonly Some[], random: Random): Some;
}
