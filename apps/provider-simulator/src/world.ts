import type { Clock, Random } from '#kernel';
import { FaultBook } from './fault-book.js';
import { Provider } from './provider.js';
import type { Scenario } from './scenario/scenario.js';
import { Witness } from './witness/witness.js';

/** All that a loaded scenario has become. Loading another makes another world; calls still running keep theirs. */
export interface World {
  readonly scenario: Scenario;
  readonly clock: Clock;
  readonly random: Random;
  readonly providers: ReadonlyMap<string, Provider>;
  readonly faults: FaultBook;
  readonly witness: Witness;
}

/** Loads a scenario: full buckets, empty caches, empty report. */
export function createWorld(scenario: Scenario, clock: Clock, random: Random): World {
  const nowMs = clock.nowMs();
  const providers = new Map(
    Object.entries(scenario.providers).map(([name, spec]) => [
      name,
      new Provider(name, spec, scenario, nowMs),
    ]),
  );
  const witness = new Witness([...providers.keys()], nowMs, scenario.recentCalls ?? 1_000);
  for (const provider of providers.values()) {
    for (const key of provider.keys()) witness.expect(provider.name, key);
  }
  return {
    scenario,
    clock,
    random,
    providers,
    faults: new FaultBook(scenario.faults ?? [], nowMs, random),
    witness,
  };
}
