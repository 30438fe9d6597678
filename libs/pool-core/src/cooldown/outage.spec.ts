import { describe, expect, it } from '@jest/globals';
import { PoolInTime, aFailure, anAccount, anAsk, failedBy, succeeded } from '../../test-support/a-pool.js';

describe("an outage that is the provider's", () => {
  const ids = ['a', 'b', 'c', 'd'];
  const only = (id: string) => anAsk({ exclude: [...ids, 'e', 'f'].filter((one) => one !== id) });
  const broken = failedBy(aFailure('server_error'));
  const outage = () => {
    const pool = new PoolInTime(ids.map((id) => anAccount(id)));
    for (const id of [...ids, 'a']) pool.call(broken, only(id));
    return pool;
  };

  it('is blamed on no account; after ten probes in vain one call in two seconds is tried', () => {
    const pool = outage();
    for (let probe = 0; probe < 10; probe += 1) pool.call(broken);
    expect(ids.map((id) => pool.machine(id))).toEqual(ids.map(() => 'closed'));
    expect(pool.reason()).toBe('circuit_open');
    expect(pool.select()).toMatchObject({ earliestMs: pool.nowMs + 1_999 });
  });

  it('is proven by as many failures on as many accounts as the options say', () => {
    const isProven = (calls: number, accounts: number, failed: number) => {
      const options = { accounts, calls, withinMs: 10_000, probeEveryMs: 700, longestProbeMs: 700 };
      const pool = new PoolInTime(
        ids.map((id) => anAccount(id)),
        { outage: options },
      );
      for (let at = 0; at < failed; at += 1) pool.call(broken, only(ids[at % accounts] as string));
      for (let probe = 0; probe < 10; probe += 1) pool.call(broken);
      const decision = pool.select();
      return decision.kind === 'refused' && decision.earliestMs === pool.nowMs + 699;
    };
    expect(isProven(4, 2, 4)).toBe(true);
    expect(isProven(8, 4, 8)).toBe(true);
    expect(isProven(8, 2, 4)).toBe(false);
  });

  it('is over with the first success: every account serves', () => {
    const pool = outage();
    for (let probe = 0; probe < 30; probe += 1) {
      pool.call(broken);
      pool.pass(30_000);
    }
    pool.call(succeeded);
    for (const id of ids) pool.call(succeeded, only(id));
    expect(pool.reason()).toBeNull();
  });

  it('is none while a call that began in between is under way for longer than the failures took', () => {
    const pool = new PoolInTime([...ids, 'e'].map((id) => anAccount(id)));
    pool.call(broken, only('a'));
    pool.reserve(only('e'));
    pool.pass(500);
    for (const id of ['b', 'c', 'd', 'a']) pool.call(broken, only(id));
    pool.reserve(only('c'));
    expect(pool.reason(only('d'))).toBeNull();
  });

  it('does not hide for long that all accounts but one are broken', () => {
    const pool = new PoolInTime([...ids, 'e', 'f'].map((id) => anAccount(id)));
    for (let call = 0; call < 20; call += 1) {
      for (const id of [...ids, 'e']) if (pool.reason(only(id)) === null) pool.call(broken, only(id));
      pool.call(succeeded, only('f'));
    }
    expect([...ids, 'e'].map((id) => pool.machine(id))).not.toContain('closed');
  });
});
