import { describe, expect, it } from '@jest/globals';
import { PoolInTime, aFailure, anAccount, anAsk, failedBy, succeeded } from '../../test-support/a-pool.js';

const ids = ['a', 'b', 'c', 'd'];
const limited = failedBy(aFailure('rate_limited'));
const on = (id: string) => anAsk({ exclude: ids.filter((one) => one !== id) });

/** A provider that refuses three accounts within a moment. */
function strike(pool: PoolInTime): void {
  for (const id of ['a', 'b', 'c']) pool.call(limited, on(id));
}

describe('a storm of 429 soon after another', () => {
  it('is probed again, though a call that was accepted in the last one is still under way', () => {
    const pool = new PoolInTime(ids.map((id) => anAccount(id)));
    strike(pool);
    pool.reserve(on('d'));
    pool.pass(3_000);
    strike(pool);
    for (let probe = 0; probe < 9; probe += 1) pool.call(limited);
    pool.pass(500).call(limited);
    expect(pool.select()).toMatchObject({ kind: 'refused', earliestMs: pool.nowMs + 499 });
  });

  it('is none when it comes back again and again: their limits are lower than thought', () => {
    const pool = new PoolInTime(ids.map((id) => anAccount(id)));
    for (let storms = 0; storms < 4; storms += 1) {
      strike(pool);
      expect(['a', 'b', 'c'].map((id) => pool.machine(id))).not.toContain('cooling');
      pool.call(succeeded, on('d'));
      for (const id of ['a', 'b', 'c']) pool.call(succeeded, on(id));
      pool.pass(5_000);
    }
    strike(pool);
    expect(['a', 'b', 'c'].map((id) => pool.machine(id))).toEqual(['cooling', 'cooling', 'cooling']);
  });

  it('is one again after a minute of peace', () => {
    const pool = new PoolInTime(ids.map((id) => anAccount(id)));
    for (let storms = 0; storms < 4; storms += 1) {
      strike(pool);
      for (const id of ids) pool.call(succeeded, on(id));
      pool.pass(5_000);
    }
    pool.pass(60_000);
    strike(pool);
    expect(['a', 'b', 'c'].map((id) => pool.machine(id))).not.toContain('cooling');
  });
});
