import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PoolInTime, aFailure, anAccount, anAsk, failedBy, idOf } from '../test-support/a-pool.js';
import { accountStatuses } from './account-status.js';
import type { AccountChange } from './what-if.js';
import { whatIf } from './what-if.js';

const limits = { rpm: 100, tpm: 1_000, maxConcurrency: 10 };
const threeAccounts = [
  anAccount('a', { limits }),
  anAccount('b', { limits }),
  anAccount('c', { limits, tier: 2 }),
];

function forecast(pool: PoolInTime, changes: readonly (Omit<AccountChange, 'accountId'> & { id: string })[]) {
  const given = changes.map(({ id, ...change }) => ({ ...change, accountId: idOf(id) }));
  const { accounts, ...capacity } = whatIf(pool.pool, given, null, pool.nowMs);
  const shares = accounts.map(({ accountId, shareBefore, shareAfter }) => [
    accountId,
    shareBefore,
    shareAfter,
  ]);
  return { shares, ...capacity };
}

describe('whatIf', () => {
  it('foretells shares and capacity of other weights, tiers and limits', () => {
    const pool = new PoolInTime(threeAccounts);
    const { shares, capacityBefore, capacityAfter } = forecast(pool, [
      { id: 'a', weight: 3, limits: { rpm: 400, tpm: undefined } },
      { id: 'c', tier: 1, weight: 4 },
    ]);
    expect(shares).toEqual([
      ['a', 0.5, 0.375],
      ['b', 0.5, 0.125],
      ['c', 0, 0.5],
    ]);
    expect(capacityBefore).toEqual({ rpm: 300, tpm: 3_000, concurrency: 30 });
    expect(capacityAfter).toEqual({ rpm: 600, tpm: 3_000, concurrency: 30 });
  });

  it('foretells the loss of accounts', () => {
    const pool = new PoolInTime(threeAccounts);
    const { shares, capacityAfter } = forecast(pool, [
      { id: 'a', enabled: false },
      { id: 'b', enabled: false },
    ]);
    expect(shares.map(([, , after]) => after)).toEqual([0, 0, 1]);
    expect(capacityAfter).toEqual({ rpm: 100, tpm: 1_000, concurrency: 10 });
  });

  it('counts what is held against accounts, but not what is used of their windows for a moment', () => {
    const pool = new PoolInTime(threeAccounts);
    pool.call(failedBy(aFailure('authentication')), anAsk({ exclude: ['b'] }));
    for (let call = 0; call < 60; call += 1) pool.call();
    const { shares, capacityBefore } = forecast(pool, []);
    expect(shares.map(([, before]) => before)).toEqual([0, 1, 0]);
    expect(capacityBefore).toEqual({ rpm: 200, tpm: 2_000, concurrency: 20 });
  });

  it('counts members of a quota group for no more than their group', () => {
    const quotaGroup = {
      id: 'org',
      limits: { ...limits, rpm: 120, rpd: null, itpm: null, otpm: null, tpd: null },
    };
    const pool = new PoolInTime([
      anAccount('a', { limits: { rpm: 100 }, quotaGroup }),
      anAccount('b', { limits: { rpm: 100 }, quotaGroup }),
      anAccount('c', { limits: { rpm: 50 } }),
    ]);
    expect(forecast(pool, []).capacityBefore).toEqual({ rpm: 170, tpm: 1_000, concurrency: 10 });
  });

  it('foretells shares of one model, or of one that no rule excludes', () => {
    const pool = new PoolInTime([anAccount('a', { models: { allow: ['x'], deny: [] } }), anAccount('b')]);
    const sharesOf = (model: string | null) =>
      whatIf(pool.pool, [], model, pool.nowMs).accounts.map(({ shareBefore }) => shareBefore);
    expect(sharesOf(null)).toEqual([0.5, 0.5]);
    expect(sharesOf('y')).toEqual([0, 1]);
  });

  it('foretells what is so once the changes are made', () => {
    const limit = fc.option(fc.integer({ min: 1, max: 900 }), { nil: null });
    const anyone = fc.record({
      weight: fc.integer({ min: 1, max: 9 }),
      tier: fc.integer({ min: 1, max: 3 }),
      limits: fc.record({ rpm: limit, tpm: limit, maxConcurrency: limit }),
      enabled: fc.boolean(),
    });
    const change = fc.record(
      {
        weight: fc.integer({ min: 1, max: 9 }),
        tier: fc.integer({ min: 1, max: 3 }),
        limits: fc.record({ rpm: limit, maxConcurrency: limit }),
        enabled: fc.boolean(),
      },
      { requiredKeys: [] },
    );
    const specOf = (
      { enabled, ...rest }: typeof anyone extends fc.Arbitrary<infer One> ? One : never,
      at: number,
    ) => anAccount(`a${at}`, { ...rest, human: { kind: enabled ? 'enabled' : 'disabled' } });
    fc.assert(
      fc.property(fc.array(fc.tuple(anyone, change), { minLength: 1, maxLength: 6 }), (accounts) => {
        const changed = accounts.map(([one, { limits: given, ...other }]) => ({
          ...one,
          ...other,
          limits: { ...one.limits, ...given },
        }));
        const foretold = forecast(
          new PoolInTime(accounts.map(([one], at) => specOf(one, at))),
          accounts.map(([, one], at) => ({ id: `a${at}`, ...one })),
        );
        const made = forecast(new PoolInTime(changed.map(specOf)), []);
        const sharesOf = (shares: (string | number)[][], column: 1 | 2) =>
          shares.map((row) => [row[0], row[column]] as const).toSorted();
        expect(sharesOf(foretold.shares, 2)).toEqual(sharesOf(made.shares, 1));
        expect(foretold.capacityAfter).toEqual(made.capacityBefore);
      }),
      { numRuns: 200 },
    );
  });

  it('touches nothing', () => {
    const pool = new PoolInTime(threeAccounts);
    pool.reserve();
    const before = accountStatuses(pool.pool, pool.nowMs);
    forecast(pool, [{ id: 'a', weight: 9, enabled: false }, { id: 'nobody' }]);
    expect(accountStatuses(pool.pool, pool.nowMs)).toEqual(before);
  });

  it('refuses what no account could be', () => {
    const pool = new PoolInTime(threeAccounts);
    expect(() => forecast(pool, [{ id: 'a', weight: 0 }])).toThrow(RangeError);
  });
});
