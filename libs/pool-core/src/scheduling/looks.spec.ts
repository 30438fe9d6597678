import { describe, expect, it } from '@jest/globals';
import { PoolInTime, anAccount, anAsk } from '../../test-support/a-pool.js';
import type { AccountPool } from '../account-pool.js';
import { reserveNow } from '../select-account.js';

/** Counts from now on how often accounts of a pool are asked whether they admit a call. */
function looksAt(pool: AccountPool): { count: number } {
  const looks = { count: 0 };
  for (const { standing } of pool.accounts) {
    const admitsFromMs = standing.admitsFromMs.bind(standing);
    standing.admitsFromMs = (nowMs) => ((looks.count += 1), admitsFromMs(nowMs));
  }
  return looks;
}

/** A pool at 0 of ten accounts that serve and others that rest for long. */
function poolWithResting(resting: number): PoolInTime {
  const pool = new PoolInTime(Array.from({ length: 10 + resting }, (_, at) => anAccount(`a${at}`)));
  pool.nowMs = 0;
  for (const { standing } of pool.pool.accounts.slice(10)) {
    standing.takeOut({ kind: 'cooling', untilMs: 1e15, rule: 'test' }, 0);
  }
  return pool;
}

describe('a pick', () => {
  it.each([90, 9_990])('looks at one or two accounts, however many rest: %i', (resting) => {
    const { pool } = poolWithResting(resting);
    for (let pick = 0; pick < 10_000; pick += 1) reserveNow(pool, anAsk(), 0, Math.random);
    const looks = looksAt(pool);
    for (let pick = 0; pick < 500; pick += 1)
      expect(reserveNow(pool, anAsk(), 0, Math.random)).not.toBeNull();
    expect(looks.count / 500).toBeGreaterThanOrEqual(1);
    expect(looks.count / 500).toBeLessThan(3);
  });
});
