import { isReached, worstOf, type Bar, type Measured } from './bars.js';
import type { Trial } from './trial.js';
import type { Figures } from './figures/figures.js';
import { oracle, peers, poolCore, runScenario } from './run-scenario.js';

/** A bar and the worst that was reached with any seed. */
export interface Verdict {
  readonly bar: Bar;
  readonly reached: number;
  readonly holds: boolean;
}

/** What a trial came to. */
export interface TrialReport {
  readonly name: string;
  /** By seed. */
  readonly measured: readonly Measured[];
  /** With the first seed, in the order of `peerRules`. */
  readonly peers: readonly Figures[];
  readonly verdicts: readonly Verdict[];
}

/** @param withPeers whether to run what others do too */
export function measureTrial(
  { scenario, bars, isForPeers }: Trial,
  seeds: readonly number[],
  withPeers: boolean,
): TrialReport {
  const measured = seeds.map((seed): Measured => ({
    own: runScenario(scenario, poolCore(), seed),
    oracle: once(() => runScenario(scenario, oracle, seed)),
    undisturbed: once(() => runScenario({ ...scenario, faults: [] }, poolCore(), seed)),
  }));
  const [firstSeed = 1] = seeds;
  return {
    name: scenario.name,
    measured,
    peers: withPeers && isForPeers ? peers.map((peer) => runScenario(scenario, peer, firstSeed)) : [],
    verdicts: bars.map((bar) => {
      const reached = worstOf(
        bar,
        measured.map((one) => bar.of(one)),
      );
      return { bar, reached, holds: isReached(bar, reached) };
    }),
  };
}

/** What costs time is done when it is first asked for. */
function once<Value>(make: () => Value): () => Value {
  let made: { readonly value: Value } | null = null;
  return () => (made ??= { value: make() }).value;
}
