import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import {
  PoolInTime,
  aFailure,
  aborted,
  anAccount,
  anAsk,
  failedBy,
  succeeded,
  usage,
  reasonsOf,
} from '../../test-support/a-pool.js';
import { accountStatuses } from '../account-status.js';
import type { AccountBudget } from '../account.js';
import { dayEndMs, monthEndMs } from './calendar.js';
import type { Outcome } from '../settle.js';
import { dumpSpend, restoreSpend } from '../saved-spend.js';
import type { SavedSpend } from '../saved-spend.js';

const dayMs = 86_400_000;
const price = { inputNanoUsd: 100, cachedInputNanoUsd: 10, outputNanoUsd: 400 };
const ask = anAsk({ inputTokens: 10, outputTokens: 5, price });
const noBudget: AccountBudget = { dailyNanoUsd: null, monthlyNanoUsd: null };
const poolWith = (budget: Partial<AccountBudget>, costFactor = 1) =>
  new PoolInTime([anAccount('a', { budget: { ...noBudget, ...budget }, costFactor })]);
const spent = (pool: PoolInTime) => accountStatuses(pool.pool, pool.nowMs)[0]?.dailySpentNanoUsd;

it('months and days end when the calendar says so', () => {
  fc.assert(
    fc.property(fc.nat(Date.UTC(2120, 0)), (nowMs) => {
      const now = new Date(nowMs);
      expect(monthEndMs(nowMs)).toBe(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + 1));
      expect(dayEndMs(nowMs)).toBe(now.setUTCHours(24, 0, 0, 0));
    }),
  );
});

describe('a spend budget', () => {
  it('reserves what a call is expected to cost: two of 3,000 fit into 6,000', () => {
    const pool = poolWith({ dailyNanoUsd: 6_000 });
    const calls = [pool.reserve(ask), pool.reserve(ask)];
    expect(pool.reason(ask)).toBe('budget_daily');
    expect(pool.select(ask)).toMatchObject({ earliestMs: null });
    for (const call of calls) pool.settle(call, aborted);
    expect(pool.reason(ask)).toBeNull();
    pool.call(succeeded, ask);
    expect(pool.select(ask)).toMatchObject({ earliestMs: dayMs });
  });

  it.each<[string, Outcome, number]>([
    ['real usage', { kind: 'succeeded', tokens: usage(20, 10), limits: [], firstByteMs: null }, 6_000],
    [
      'cached prompt tokens at their price',
      { kind: 'succeeded', tokens: { ...usage(20, 10), cachedInput: 15 }, limits: [], firstByteMs: null },
      4_650,
    ],
    ['the estimate when no usage is told', succeeded, 3_000],
    ['the prompt when the caller left', aborted, 1_000],
    ['nothing when the provider refused', failedBy(aFailure('server_error')), 0],
    ['nothing when the provider limited', failedBy(aFailure('rate_limited')), 0],
  ])('counts %s', (_, outcome, nanoUsd) => {
    const pool = poolWith({});
    pool.call(outcome, ask);
    expect(spent(pool)).toBe(nanoUsd);
  });

  it('counts what the account pays, not the list price', () => {
    const pool = poolWith({ dailyNanoUsd: 3_000 }, 0.5);
    pool.call(succeeded, ask);
    expect(spent(pool)).toBe(1_500);
    pool.call(succeeded, ask);
    expect(pool.reason(ask)).toBe('budget_daily');
  });

  it('never refuses what is free, and what has no price only once it is used up', () => {
    const unpriced = anAsk();
    const pool = poolWith({ dailyNanoUsd: 5_000 });
    pool.call(succeeded, ask);
    expect([pool.reason(ask), pool.reason(unpriced)]).toEqual(['budget_daily', null]);
    pool.call(
      { kind: 'succeeded', tokens: usage(10, 20), limits: [], firstByteMs: null },
      anAsk({ inputTokens: 1, outputTokens: 1, price }),
    );
    expect(pool.reason(unpriced)).toBe('budget_daily');
    const free = poolWith({ dailyNanoUsd: 1 }, 0);
    free.call(succeeded, ask);
    expect(free.reason(ask)).toBeNull();
  });

  it('is whole again with the next UTC day, or month', () => {
    const daily = poolWith({ dailyNanoUsd: 3_000 });
    daily.nowMs = Date.UTC(2026, 1, 28, 23, 59, 59, 999);
    daily.pool.replaceAccounts(
      daily.pool.accounts.map(({ spec }) => ({ ...spec })),
      daily.nowMs,
    );
    daily.settle(daily.reserve(ask), succeeded);
    expect(daily.reason(ask)).toBe('budget_daily');
    expect(daily.pass(1).reason(ask)).toBeNull();

    const monthly = poolWith({ monthlyNanoUsd: 3_000, dailyNanoUsd: 4_000 });
    monthly.nowMs = Date.UTC(2026, 11, 5);
    monthly.settle(monthly.reserve(ask), succeeded);
    expect(monthly.reason(ask)).toBe('budget_monthly');
    expect(monthly.select(ask)).toMatchObject({ earliestMs: Date.UTC(2027, 0, 1) });
    expect(monthly.pass(2 * dayMs).reason(ask)).toBe('budget_monthly');
    monthly.nowMs = Date.UTC(2027, 0, 1);
    expect(monthly.reason(ask)).toBeNull();
  });

  it('never admits a call that costs more than all of it', () => {
    const decision = poolWith({ dailyNanoUsd: 2_999 }).select(ask);
    expect(reasonsOf(decision)).toEqual(['budget_daily']);
    expect(decision).toMatchObject({ earliestMs: null });
  });

  it('outlives a restart, as far as its day and month are not over', () => {
    const before = poolWith({});
    before.nowMs = Date.UTC(2026, 4, 10, 12);
    before.call(succeeded, ask);
    const saved = JSON.parse(JSON.stringify(dumpSpend(before.pool, before.nowMs))) as SavedSpend[];
    for (const [atMs, dailyNanoUsd, monthlyNanoUsd] of [
      [Date.UTC(2026, 4, 10, 13), 3_000, 3_000],
      [Date.UTC(2026, 4, 11), 0, 3_000],
      [Date.UTC(2026, 5, 1), 0, 0],
    ] as const) {
      const after = poolWith({});
      restoreSpend(after.pool, saved, atMs);
      restoreSpend(after.pool, saved, atMs);
      const [status] = accountStatuses(after.pool, atMs);
      expect(status).toMatchObject({ dailySpentNanoUsd: dailyNanoUsd, monthlySpentNanoUsd: monthlyNanoUsd });
    }
  });

  it('is never promised twice: spent and reserved stay within it while estimates hold', () => {
    const steps = fc.array(fc.record({ gapMs: fc.nat(20_000_000), tokens: fc.nat(40), end: fc.boolean() }));
    fc.assert(
      fc.property(steps, (asks) => {
        const pool = poolWith({ dailyNanoUsd: 9_000, monthlyNanoUsd: 30_000 });
        const open = [];
        for (const { gapMs, tokens, end } of asks) {
          const decision = pool.pass(gapMs).select(anAsk({ inputTokens: tokens, outputTokens: 0, price }));
          if (decision.kind === 'selected') open.push(decision.reservation);
          const ended = end ? open.shift() : undefined;
          if (ended !== undefined) pool.settle(ended, succeeded);
          const budget = pool.pool.accounts[0]?.budget;
          expect(budget?.dailySpent(pool.nowMs)).toBeLessThanOrEqual(9_000);
          expect(budget?.monthlySpent(pool.nowMs)).toBeLessThanOrEqual(30_000);
        }
        for (const one of open) pool.settle(one, succeeded);
        expect(pool.pool.accounts[0]?.budget.reserved).toBe(0);
      }),
    );
  });
});
