import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { accountRows, type Account, type UsageRecord } from './account-rows.js';

const closed = { human: 'enabled', machine: 'closed', reason: null };

function account(id: string, weight = 1, more: Partial<Account> = {}): Account {
  return { id, provider: 'openai', name: id, weight, state: closed, ...more };
}

/** A call that failed on all but the last account. */
function call(accountIds: readonly string[], failedWith = 500, costUsd: string | null = '0.5'): UsageRecord {
  const attempts = accountIds.map((accountId, index) =>
    index === accountIds.length - 1
      ? { accountId, status: 200, class: null }
      : { accountId, status: failedWith, class: 'server_error' },
  );
  return { accountId: accountIds.at(-1) ?? null, status: 200, attempts, costUsd };
}

describe('accountRows', () => {
  it('gives a call to the account that answered, and a fail-over to the one that did not', () => {
    const [a, b] = accountRows([account('a'), account('b')], [call(['a']), call(['a', 'b'], 429)]);
    expect(a).toMatchObject({
      calls: 1,
      rateLimited: 1,
      failOvers: 1,
      share: 0.5,
      costNanoUsd: 500_000_000n,
    });
    expect(b).toMatchObject({ calls: 1, rateLimited: 0, failOvers: 0, share: 0.5 });
  });

  it('measures shares within the provider', () => {
    const accounts = [account('a', 3), account('b', 1), account('c', 9, { provider: 'google' })];
    const rows = accountRows(accounts, [call(['a']), call(['c']), call(['c'])]);
    expect(rows.map(({ share }) => share)).toEqual([1, 0, 1]);
    expect(rows.map(({ weightShare }) => weightShare)).toEqual([0.75, 0.25, 1]);
  });

  it('counts a call that failed everywhere as nobody’s call', () => {
    const failed = { ...call(['a'], 503), status: 503 };
    expect(accountRows([account('a')], [failed])).toMatchObject([{ calls: 0, failOvers: 0, share: 0 }]);
  });

  it('tells unpriced calls from free ones', () => {
    const records = [call(['a'], 500, null), call(['a'], 500, '0')];
    expect(accountRows([account('a')], records)).toMatchObject([{ calls: 2, unpriced: 1, costNanoUsd: 0n }]);
  });

  it('shows what a person decided before what the machine found out', () => {
    const cooling = { human: 'enabled', machine: 'cooling', reason: 'openai.rpm' };
    const paused = { human: 'paused', machine: 'cooling', reason: null };
    const rows = accountRows([account('a', 1, { state: cooling }), account('b', 1, { state: paused })], []);
    expect(rows.map(({ state }) => state)).toEqual(['cooling (openai.rpm)', 'paused']);
  });

  it('loses no answered call and no share, whoever was tried', () => {
    const id = fc.constantFrom('a', 'b', 'c');
    fc.assert(
      fc.property(fc.array(fc.uniqueArray(id, { minLength: 1 }), { minLength: 1 }), (tried) => {
        const rows = accountRows(
          ['a', 'b', 'c'].map((name) => account(name)),
          tried.map((ids) => call(ids)),
        );
        expect(rows.reduce((sum, { calls }) => sum + calls, 0)).toBe(tried.length);
        expect(rows.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 9);
        expect(rows.reduce((sum, { failOvers }) => sum + failOvers, 0)).toBe(
          tried.flat().length - tried.length,
        );
      }),
    );
  });
});
