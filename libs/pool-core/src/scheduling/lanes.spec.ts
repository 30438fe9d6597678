import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PoolInTime, aFailure, anAccount, anAsk, failedBy, seeded } from '../../test-support/a-pool.js';
import { anyHistory, competing, play } from '../../test-support/any-history.fixture.js';
import { admissibleFromMs } from '../eligibility.js';
import { nextChanceMs } from '../select-account.js';
import { entropy } from './entropy.js';
import { leastLoaded } from './least-loaded.js';
import { lowestCost } from './lowest-cost.js';
import { lowestLatency } from './lowest-latency.js';
import type { Candidate, Roster, SelectionStrategy } from './strategy.js';

/** Sees the whole roster at each pick and takes the one whose turn it is. */
function watching(seen: string[]): SelectionStrategy {
  return {
    ...entropy,
    pick<Some extends Candidate>(roster: Roster<Some>) {
      seen.splice(0, seen.length, ...[...roster].map(({ id }) => id));
      return roster.first();
    },
  };
}

describe('the order in which accounts are looked at', () => {
  it('hides nobody who is admissible and shows nobody who is not', () => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        const seen: string[] = [];
        play(accounts, steps, watching(seen), (picked, expected) => {
          if (picked === null) expect(expected).toEqual([]);
          else expect(seen).toEqual(expected);
        });
      }),
      { numRuns: 400 },
    );
  });

  it.each([entropy, leastLoaded, lowestCost, lowestLatency])('lets $name pick among them all', (strategy) => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        play(accounts, steps, strategy, (picked, expected) => {
          if (picked === null) expect(expected).toEqual([]);
          else expect(expected).toContain(picked.accountId);
        });
      }),
    );
  });

  it('never lets a refused one wait beyond the instant at which it is admitted', () => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        play(accounts, steps, entropy, (picked, _, pool, ask) => {
          if (picked !== null) return;
          const againMs = nextChanceMs(pool.pool, ask, pool.nowMs) ?? Infinity;
          const untilMs = Math.min(againMs, pool.nowMs + 90_000) - 1;
          expect(competing(pool.pool, ask, untilMs)).toEqual([]);
        });
      }),
      { numRuns: 200 },
    );
  });
});

describe('an account at rest', () => {
  it('serves a smaller ask than the one it was too full for', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { tpm: 100 } })], { safetyMargin: 0 });
    const of = (inputTokens: number) => anAsk({ inputTokens, outputTokens: 0 });
    pool.reserve(of(90));
    expect([50, 20, 11].map((tokens) => pool.reason(of(tokens)))).toEqual(['tpm', 'tpm', 'tpm']);
    expect(pool.reason(of(5))).toBeNull();
  });

  it('serves at once when it turns out that it was not to blame', () => {
    const pool = new PoolInTime(['a', 'b', 'c'].map((id) => anAccount(id)));
    const limited = failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 }));
    pool.call(limited, anAsk({ exclude: ['b', 'c'] }));
    pool.call(limited, anAsk({ exclude: ['a', 'c'] }));
    expect(pool.reason(anAsk({ exclude: ['c'] }))).toBe('cooling');
    pool.call(limited, anAsk({ exclude: ['a', 'b'] }));
    expect(pool.reason(anAsk({ exclude: ['c'] }))).toBeNull();
  });
});

describe('the search for the account that is ready first', () => {
  it('finds the very instant that a look at every account finds, whatever was asked before', () => {
    fc.assert(
      fc.property(...anyHistory, fc.array(fc.nat(300), { minLength: 60 }), (accounts, steps, sizes) => {
        let at = 0;
        play(accounts, steps, entropy, (_picked, _expected, { pool, nowMs }, ask) => {
          const other = { ...ask, inputTokens: sizes[(at += 1)] ?? 0, outputTokens: sizes[at - 1] ?? 0 };
          for (const sought of [ask, other]) {
            const { account, fromMs } = pool.lanes.readyFirst(sought, nowMs, seeded(1));
            const readyMs = pool.accounts.map((one) => Math.max(nowMs, admissibleFromMs(one, sought, nowMs)));
            expect(fromMs).toBe(Math.min(...readyMs));
            if (account === null) expect(fromMs).toBe(Infinity);
            else expect(Math.max(nowMs, admissibleFromMs(account, sought, nowMs))).toBe(fromMs);
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
