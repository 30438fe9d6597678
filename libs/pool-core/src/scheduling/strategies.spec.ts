import { describe, expect, it } from '@jest/globals';
import { PoolInTime, anAccount, anAsk, seeded, succeeded } from '../../test-support/a-pool.js';
import type { AccountSpec } from '../account.js';
import { AccountPool } from '../account-pool.js';
import type { Reservation } from '../reservation.js';
import { reserveNow } from '../select-account.js';
import { settle } from '../settle.js';
import type { Outcome } from '../settle.js';
import { circular } from './circular.js';
import { entropy } from './entropy.js';
import { leastLoaded } from './least-loaded.js';
import { lowestCost } from './lowest-cost.js';
import { lowestLatency } from './lowest-latency.js';
import { entropyBits } from './pick-history.js';
import { strategyFaults } from './strategy-contract.js';
import type { Candidate, Roster, SelectionStrategy } from './strategy.js';
import { weightedRoundRobin } from './weighted-round-robin.js';

const accountsOf = (weights: readonly number[]): AccountSpec[] =>
  weights.map((weight, at) => anAccount(`a${at}`, { weight }));

/** Accounts picked one after another, each call over before the next. */
function picksOf(
  strategy: SelectionStrategy,
  accounts: readonly AccountSpec[],
  count: number,
  seed = 1,
): string[] {
  const random = seeded(seed);
  const pool = new AccountPool({ strategy });
  pool.replaceAccounts(accounts, 0);
  return Array.from({ length: count }, () => {
    const reservation = reserveNow(pool, anAsk(), 0, random);
    if (reservation === null) throw new Error('refused');
    settle(pool, reservation, succeeded, 0, random);
    return reservation.accountId;
  });
}

const countsOf = (picks: readonly string[], accounts: number): number[] => {
  const counts = new Array<number>(accounts).fill(0);
  for (const id of picks) counts[Number(id.slice(1))] = (counts[Number(id.slice(1))] ?? 0) + 1;
  return counts;
};

const strategies = [entropy, weightedRoundRobin, circular, leastLoaded, lowestLatency, lowestCost];

describe.each(strategies)('the contract of $name', (strategy) => {
  it.each([1, 2, 3])('holds with dice %i', (seed) => {
    expect(strategyFaults(strategy, seeded(seed))).toEqual([]);
  });
});

/**
 * The most bits that so many picks have on average if each account gets its share on average. Counts are whole, and n log n is
 * convex: of all counts with a given mean, those that are the mean rounded down or up have the least of it, so the most entropy.
 */
function mostEntropyBits(weights: readonly number[], picks: number): number {
  const total = weights.reduce((sum, weight) => sum + weight, 0);
  const nLogN = (count: number): number => (count === 0 ? 0 : count * Math.log2(count));
  const lost = weights.reduce((sum, weight) => {
    const share = (picks * weight) / total;
    const whole = Math.floor(share);
    return sum + nLogN(whole) + (share - whole) * (nLogN(whole + 1) - nLogN(whole));
  }, 0);
  return Math.log2(picks) - lost / picks;
}

describe('the contract', () => {
  it('refuses a strategy that starves, bursts, or remembers', () => {
    let turn = 0;
    const always: SelectionStrategy = {
      ...circular,
      pick<Some extends Candidate>(roster: Roster<Some>) {
        const [first] = roster;
        return first as Some;
      },
    };
    const counting: SelectionStrategy = {
      ...circular,
      pick<Some extends Candidate>(roster: Roster<Some>) {
        const all = [...roster];
        return all[turn++ % all.length] as Some;
      },
    };
    expect(strategyFaults(always, seeded(1))).toEqual([
      '19 of 20 candidates were never picked in 20,000',
      'an account that returned got 40 of the next 40 picks of 4',
    ]);
    expect(strategyFaults(counting, seeded(1))).toEqual([
      'two pools that share the strategy influence each other',
    ]);
  });

  it('refuses a pull, a name or a shuffle out of range', () => {
    const bad: SelectionStrategy = {
      ...circular,
      name: 'Bad one',
      shuffle: 2,
      pull: ({ headroom }) => headroom - 0.01,
    };
    expect(strategyFaults(bad, seeded(1))).toEqual([
      'name "Bad one" is not lower-case words with hyphens',
      'shuffle is 2, must be in [0, 1]',
      'pull is not > 0: 0.99, 0, 0.99, 0.99',
    ]);
  });
});

describe('entropy', () => {
  it.each([1, 2, 3, 4, 5])('gives 90 +/- 2 of any 100 picks at weights 9:1 (dice %i)', (seed) => {
    const picks = picksOf(entropy, accountsOf([9, 1]), 2_000, seed);
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
        const picks = picksOf(entropy, accountsOf(weights), 5_000, seed).slice(-1_000);
        expect(entropyBits(countsOf(picks, n)) / entropyBits(weights)).toBeGreaterThanOrEqual(0.999);
      }
    },
  );

  it('comes within 0.4 % of what whole picks allow where they allow no 0.999', () => {
    const weights = Array.from({ length: 500 }, (_, at) => 1 + (at % 10));
    const most = mostEntropyBits(weights, 1_000) / entropyBits(weights);
    expect(most).toBeGreaterThan(0.992);
    expect(most).toBeLessThan(0.993);
    for (const seed of [1, 2, 3]) {
      const picks = picksOf(entropy, accountsOf(weights), 5_000, seed).slice(-1_000);
      const reached = entropyBits(countsOf(picks, weights.length)) / entropyBits(weights);
      expect(reached).toBeGreaterThan(most - 0.004);
    }
  });

  it('keeps every account within 2 picks of its share, over any span', () => {
    const weights = [5, 3, 2, 1, 1, 0.5];
    const picks = picksOf(entropy, accountsOf(weights), 3_000);
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
    const [one, other] = [1, 2].map((seed) => picksOf(entropy, accountsOf(equal), 1_000, seed));
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

  it.each<[string, number, (pool: PoolInTime) => unknown]>([
    ['fills', 30, (pool) => pool.call(nearlyFull, anAsk({ exclude: ['a0'] }))],
    ['fails', 20, ({ pool, nowMs }) => repeat(10, (at) => pool.accounts[1]?.calls.record(at < 3, nowMs))],
  ])('moves traffic away from an account that %s', (_what, most, strain) => {
    const pool = new PoolInTime([0, 1].map((at) => anAccount(`a${at}`, { limits: { rpm: 1_000 } })));
    strain(pool);
    const picks = Array.from({ length: 100 }, () => pool.reserve().accountId);
    expect(picks.filter((id) => id === 'a1').length).toBeLessThan(most);
    expect(picks).toContain('a1');
  });
});

const reading = {
  unit: 'requests',
  window: 'minute',
  limit: 1_000,
  remaining: 150,
  resetAtMs: null,
} as const;
const nearlyFull: Outcome = { kind: 'succeeded', tokens: null, limits: [reading], firstByteMs: null };

function repeat(times: number, act: (at: number) => void): void {
  for (let at = 0; at < times; at += 1) act(at);
}

describe('weighted round robin', () => {
  it('is smooth and deterministic: 5:1:1 of any 7 picks, the light ones apart', () => {
    const picks = picksOf(weightedRoundRobin, accountsOf([5, 1, 1]), 70);
    for (let start = 0; start + 7 <= picks.length; start += 7) {
      const round = picks.slice(start, start + 7);
      expect(countsOf(round, 3)).toEqual([5, 1, 1]);
      expect(Math.abs(round.indexOf('a1') - round.indexOf('a2'))).toBeGreaterThanOrEqual(2);
    }
    expect(picksOf(weightedRoundRobin, accountsOf([5, 1, 1]), 70, 2)).toEqual(picks);
  });
});

describe('calls of different size', () => {
  const sizes = Array.from({ length: 4_000 }, (_, call) => 10 + ((call * 7_919) % 1_000));
  function picksOfSizes(strategy: SelectionStrategy): { readonly id: string; readonly tokens: number }[] {
    const limits = { tpm: 1e9 };
    const pool = new PoolInTime(
      [1, 2, 3, 4].map((weight, at) => anAccount(`a${at}`, { weight, limits })),
      { strategy },
    );
    return sizes.map((tokens) => {
      const reservation = pool.pass(10).reserve(anAsk({ inputTokens: tokens, outputTokens: 0 }));
      pool.settle(reservation);
      return { id: reservation.accountId, tokens };
    });
  }

  it('are shared out by what they take, by entropy', () => {
    const carried = new Map<string, number>();
    for (const { id, tokens } of picksOfSizes(entropy)) carried.set(id, (carried.get(id) ?? 0) + tokens);
    const shares = [1, 2, 3, 4].map((weight, at) => (carried.get(`a${at}`) ?? 0) / weight);
    expect(Math.max(...shares) / Math.min(...shares)).toBeLessThan(1.01);
  });

  it('take one turn each in a ring', () => {
    const ids = picksOfSizes(circular).map(({ id }) => id);
    ids.forEach((id, call) => expect(id).toBe(`a${call % 4}`));
  });
});

describe('circular', () => {
  it('goes round, whatever the weights', () => {
    expect(picksOf(circular, accountsOf([5, 1, 1]), 7).join(' ')).toBe('a0 a1 a2 a0 a1 a2 a0');
  });
});

describe('least loaded', () => {
  it('takes the least share of slots in use, and equals in turn', () => {
    const limits = [2, 4, 4].map((maxConcurrency, at) => anAccount(`a${at}`, { limits: { maxConcurrency } }));
    const pool = new PoolInTime(limits, { strategy: leastLoaded });
    const open = Array.from({ length: 10 }, () => pool.reserve());
    expect(open.map(({ accountId }) => accountId).join(' ')).toBe('a0 a1 a2 a1 a2 a0 a1 a2 a1 a2');
    pool.settle(open[3] as Reservation);
    expect(pool.reserve().accountId).toBe('a1');
  });
});

describe('an account that takes ten times as long as the others', () => {
  const latencyOf = (id: string) => (id === 'a3' ? 5_000 : 500);
  /** Ten calls a second. @returns the share of the slow one after the first minute */
  function shareOfSlow(pool: PoolInTime, seconds: number): number {
    const open: { readonly reservation: Reservation; readonly endsMs: number }[] = [];
    let slow = 0;
    for (let call = 0; call < seconds * 10; call += 1) {
      pool.pass(100);
      while (open[0] !== undefined && open[0].endsMs <= pool.nowMs) {
        const { reservation } = open.shift() as (typeof open)[number];
        const firstByteMs = latencyOf(reservation.accountId);
        pool.settle(reservation, { kind: 'succeeded', tokens: null, limits: [], firstByteMs });
      }
      const reservation = pool.reserve();
      open.push({ reservation, endsMs: pool.nowMs + latencyOf(reservation.accountId) });
      open.sort((a, b) => a.endsMs - b.endsMs);
      if (call >= 600 && reservation.accountId === 'a3') slow += 1;
    }
    return slow / (seconds * 10 - 600);
  }

  it.each([entropy, lowestLatency])(
    'gets less than 1 %% of the calls by $name, and is tried again',
    (strategy) => {
      const pool = new PoolInTime(accountsOf(new Array<number>(10).fill(1)), { strategy });
      const share = shareOfSlow(pool, 3_600);
      expect(share).toBeGreaterThan(0);
      expect(share).toBeLessThan(0.01);
    },
  );
});

describe('lowest cost', () => {
  it('takes dearer accounts only while no cheaper one admits, and equals in turn', () => {
    const costs = [1, 0.5, 0.5].map((costFactor, at) =>
      anAccount(`a${at}`, { costFactor, limits: { maxConcurrency: 2 } }),
    );
    const pool = new PoolInTime(costs, { strategy: lowestCost });
    const open = Array.from({ length: 6 }, () => pool.reserve());
    expect(open.map(({ accountId }) => accountId).join(' ')).toBe('a1 a2 a1 a2 a0 a0');
    pool.settle(open[0] as Reservation);
    expect(pool.reserve().accountId).toBe('a1');
  });
});
