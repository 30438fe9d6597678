import type { Random } from '#kernel';
import {
  circular,
  entropy,
  leastLoaded,
  lowestCost,
  lowestLatency,
  strategyFaults,
  weightedRoundRobin,
  type SelectionStrategy,
} from '#pool-core';
import type { Fault } from './fault.js';

const builtIn: readonly SelectionStrategy[] = [
  entropy,
  weightedRoundRobin,
  leastLoaded,
  lowestLatency,
  lowestCost,
  circular,
];

/** The strategies a provider may always name; the host of the module may add its own. */
export const strategyNames: readonly string[] = builtIn.map(({ name }) => name);

/** The strategies that providers may name: ours, and those the host registered. */
export class Strategies {
  private readonly byName: ReadonlyMap<string, SelectionStrategy>;

  /**
   * Registers strategies besides ours, each checked against the contract of the core.
   *
   * @throws RangeError naming each strategy and the rules it breaks, or whose name is taken
   */
  constructor(own: readonly SelectionStrategy[] = []) {
    const faults = own.flatMap((strategy, at) => {
      const isTaken = [...builtIn, ...own.slice(0, at)].some(({ name }) => name === strategy.name);
      const broken = isTaken ? ['the name is taken'] : strategyFaults(strategy, repeatableDice());
      return broken.map((rule) => `strategy '${strategy.name}': ${rule}`);
    });
    if (faults.length > 0) throw new RangeError(faults.join('; '));
    this.byName = new Map([...builtIn, ...own].map((strategy) => [strategy.name, strategy]));
  }

  /** The strategy of this name; the default one for `null`, or for a name nobody knows (a row changed by hand). */
  of(name: string | null): SelectionStrategy {
    return this.byName.get(name ?? '') ?? entropy;
  }

  /** @returns what is wrong with the name of a strategy; `null` is the default one */
  faults(name: string | null): Fault[] {
    if (name === null || this.byName.has(name)) return [];
    return [{ field: 'strategy', message: `is unknown; there are ${[...this.byName.keys()].join(', ')}` }];
  }
}

/** The same at each start, so that a strategy that is fine once is fine always (a multiplicative congruence, Lehmer). */
function repeatableDice(): Random {
  let state = 20_261_122;
  return () => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647;
}
