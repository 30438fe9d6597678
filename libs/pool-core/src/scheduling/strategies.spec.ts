import { describe, expect, it } from '@jest/globals';
import { PoolInTime, anAccount, seeded, succeeded } from '../../test-support/a-pool.js';
import { circular } from './circular.js';
import { entropy } from './entropy.js';
import { entropyBits } from './pick-history.js';
import { strategyFaults } from './strategy-contract.js';
import type { Candidate, SelectionStrategy } from './strategy.js';
import { weightedRoundRobin } from './weighted-round-robin.js';

const candidates = (weights: readonly number[]): Candidate[] =>
  weights.map((weight, at) => ({
    ...anAccount(`a${at}`, { weight }),
    headroom: 1,
    health: 1,
    inFlight: 0,
    memory: NaN,
  }));

const picksOf = (
  strategy: SelectionStrategy,
  list: readonly Candidate[],
  count: number,
  seed = 1,
): string[] => {
  const random = seeded(seed);
  return Array.from({ length: count }, () => strategy.pick(list, random).id);
};

const countsOf = (picks: readonly string[], accounts: number): number[] => {
  const counts = new Array<number>(accounts).fill(0);
  for (const id of picks) counts[Number(id.slice(1))] = (counts[Number(id.slice(1))] ?? 0) + 1;
  return counts;
};

describe.each([entropy, weightedRoundRobin, circular])('the contract of $name', (strategy) => {
  it.each([1, 2, 3])('holds with dice %i', (seed) => {
    expect(strategyFaults(strategy, seeded(seed))).toEqual([]);
  });
});

describe('the contract', () => {
  it('refuses a strategy that starves, bursts, or remembers outside of memory', () => {
    let turn = 0;
    const always: SelectionStrategy = { ...circular, pick: (list) => list[0] as (typeof list)[number] };
    const counting: SelectionStrategy = {
      ...circular,
      pick: (list) => list[turn++ % list.length] as (typeof list)[number],
    };
    expect(strategyFaults(always, seeded(1))).toEqual([
      '19 of 20 candidates were never picked in 20,000',
      'an account that returned got 40 of the next 40 picks of 4',
    ]);
    expect(strategyFaults(counting, seeded(1))).toEqual([
      'two pools that share the strategy influence each other',
    ]);
  });
});

describe('entropy', () => {
  it.each([1, 2, 3, 4, 5])('gives 90 +/- 2 of any 100 picks at weights 9:1 (dice %i)', (seed) => {
    const picks = picksOf(entropy, candidates([9, 1]), 2_000, seed);
    for (let start = 0; start + 100 <= picks.length; start += 1) {
      const heavy = picks.slice(start, start + 100).filter((id) => id === 'a0').length;
      expect(Math.abs(heavy - 90)).toBeLessThanOrEqual(2);
    }
  });

  it.each([
    [3, [1, 2, 3]],
    [10, Array.from({ length: 10 }, (_, at) => 1 + at)],
    [500, Array.from({ length: 500 }, (_, at) => 1 + (at % 3))],
  ])(
    'spreads the last 1,000 picks over %i accounts with >= 0.999 of the entropy of their weights',
    (n, weights) => {
      for (const seed of [1, 2, 3, 4, 5]) {
        const picks = picksOf(entropy, candidates(weights), 5_000, seed).slice(-1_000);
        expect(entropyBits(countsOf(picks, n)) / entropyBits(weights)).toBeGreaterThanOrEqual(0.999);
      }
    },
  );

  it('keeps every account within 2 picks of its share, over any span', () => {
    const weights = [5, 3, 2, 1, 1, 0.5];
    const picks = picksOf(entropy, candidates(weights), 3_000);
    for (const [start, end] of [
      [0, 3_000],
      [100, 1_100],
      [777, 1_477],
    ] as const) {
      countsOf(picks.slice(start, end), weights.length).forEach((count, at) => {
        expect(Math.abs(count - ((end - start) * (weights[at] ?? 0)) / 12.5)).toBeLessThanOrEqual(2);
      });
    }
  });

  it('does not let replicas march in step', () => {
    const equal = new Array<number>(10).fill(1);
    const [one, other] = [1, 2].map((seed) => picksOf(entropy, candidates(equal), 1_000, seed));
    const together = one?.filter((id, at) => id === other?.[at]).length ?? 0;
    expect(together).toBeLessThan(300);
  });

  it('goes by weight alone while every account has ample room', () => {
    const pool = new PoolInTime([
      anAccount('a0', { weight: 3, limits: { rpm: 10_000 } }),
      anAccount('a1', { weight: 1, limits: { rpm: 100 } }),
    ]);
    const picks = Array.from({ length: 100 }, () => pool.reserve().accountId);
    expect(countsOf(picks, 2)).toEqual([75, 25]);
  });

  it('moves traffic away from an account that fills or fails', () => {
    const pool = new PoolInTime([
      anAccount('full', { limits: { rpm: 100 } }),
      anAccount('free', { limits: { rpm: 1_000 } }),
    ]);
    const full = pool.pool.account(anAccount('full').id);
    for (let call = 0; call < 120; call += 1) pool.reserve();
    full?.measure(5, pool.nowMs);
    expect(full?.headroom).toBeLessThan(1);
    full?.calls.record(true, pool.nowMs);
    full?.measure(5, pool.nowMs);
    expect(full?.health).toBeCloseTo(0.8);
    pool.call(succeeded);
  });
});

describe('weighted round robin', () => {
  it('is smooth', () => {
    expect(picksOf(weightedRoundRobin, candidates([5, 1, 1]), 7).join(' ')).toBe('a0 a0 a1 a0 a2 a0 a0');
  });
});

describe('circular', () => {
  it('goes round, whatever the weights', () => {
    expect(picksOf(circular, candidates([5, 1, 1]), 7).join(' ')).toBe('a0 a1 a2 a0 a1 a2 a0');
  });
});
