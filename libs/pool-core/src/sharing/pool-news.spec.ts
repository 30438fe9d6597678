import { describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import {
  PoolInTime,
  aFailure,
  aborted,
  anAccount,
  anAsk,
  failedBy,
  idOf,
  seeded,
  succeeded,
  usage,
} from '../../test-support/a-pool.js';
import { Replicas, admittedBy, all, overshoot, untilRefused } from '../../test-support/replicas.js';
import { benchAccount, clearMachineState } from '../interventions.js';
import type { Reservation } from '../reservation.js';
import { forgetProcess, hearNews, takeNews } from './pool-news.js';

const mostWithin = (admitted: readonly number[], ms: number): number =>
  Math.max(...admitted.map((from) => admitted.filter((at) => at >= from && at <= from + ms).length));

describe('processes that tell each other what they spend', () => {
  it('admit together what one may, but for what is admitted within one interval', () => {
    const replicas = new Replicas(3, [anAccount('a', { limits: { rpm: 600 } })]);
    const admitted = admittedBy(replicas, { ms: 180_000, everyMs: 100 });
    const over = overshoot(admitted, 588, 0.01);
    expect(over).toBeLessThanOrEqual(mostWithin(admitted, 100));
    // So that the safety margin covers it.
    expect(over).toBeLessThanOrEqual(12);
    expect(admitted.length).toBeGreaterThan(0.99 * (588 + 3 * 600));
  });

  it('admit each what one may when they do not', () => {
    const replicas = new Replicas(3, [anAccount('a', { limits: { rpm: 600 } })]);
    expect(overshoot(admittedBy(replicas, { ms: 180_000, everyMs: 0 }), 588, 0.01)).toBeGreaterThan(588);
  });

  it('share the limits of a quota group', () => {
    const quotaGroup = { id: 'g', limits: { ...anAccount('x').limits, rpm: 100 } };
    const replicas = new Replicas(2, [anAccount('a', { quotaGroup }), anAccount('b', { quotaGroup })]);
    expect(untilRefused(replicas.of(0))).toHaveLength(98);
    replicas.tell();
    expect(replicas.of(1).reason()).toBe('rpm');
  });

  it('share the budget of an account', () => {
    const budget = { dailyNanoUsd: 1_000, monthlyNanoUsd: null };
    const replicas = new Replicas(2, [anAccount('a', { budget })]);
    const price = { inputNanoUsd: 10, cachedInputNanoUsd: 10, outputNanoUsd: 10 };
    const ask = anAsk({ price, inputTokens: 50, outputTokens: 0 });
    replicas.of(0).call({ ...succeeded, tokens: usage(60, 0) }, ask);
    replicas.tell();
    expect(replicas.account(1).budget.dailySpent(replicas.of(1).nowMs)).toBe(600);
    expect(replicas.of(1).reason(ask)).toBe('budget_daily');
    expect(replicas.tell()).toBe(0);
    expect(replicas.account(0).budget.dailySpent(replicas.of(0).nowMs)).toBe(600);
  });

  it('keep the same ledgers, and hold nothing of calls that have ended', () => {
    const limits = { rpm: 50_000, tpm: 1_000_000, maxConcurrency: 40 };
    const replicas = new Replicas(3, [anAccount('a', { limits }), anAccount('b', { limits })]);
    const random = seeded(5);
    const open: [PoolInTime, Reservation][] = [];
    for (let step = 0; step < 3_000; step += 1) {
      replicas.pass(Math.floor(20 * random()));
      const pool = replicas.of(Math.floor(3 * random()));
      const decision = pool.select(anAsk({ inputTokens: Math.ceil(500 * random()) }));
      if (decision.kind === 'selected') open.push([pool, decision.reservation]);
      const [ended] = random() < 0.5 ? open.splice(Math.floor(random() * open.length), 1) : [];
      const used = usage(Math.ceil(700 * random()), 20);
      if (ended !== undefined)
        ended[0].settle(ended[1], random() < 0.2 ? aborted : { ...succeeded, tokens: used });
      if (random() < 0.2) replicas.tell();
    }
    for (const [pool, call] of open) pool.settle(call);
    replicas.tell();
    expect(replicas.tell()).toBe(0);
    for (const id of ['a', 'b']) {
      const ledgers = [0, 1, 2].map((index) => {
        const { windows, slots, inFlight } = replicas.account(index, id);
        const figures = windows.limited.map(({ name, spent, reserved }) => ({ name, spent, reserved }));
        return { figures, slots, inFlight };
      });
      expect(ledgers[0]).toMatchObject({
        slots: 40,
        inFlight: 0,
        figures: [{ reserved: 0 }, { reserved: 0 }],
      });
      expect(ledgers[1]).toEqual(ledgers[0]);
      expect(ledgers[2]).toEqual(ledgers[0]);
    }
  });

  it('do not take each other for strangers', () => {
    const limit = 6_000;
    const answer = (remaining: number): LimitReading[] => [
      { unit: 'requests', window: 'minute', limit, remaining, resetAtMs: null },
    ];
    const replicas = new Replicas(2, [anAccount('a', { limits: { rpm: limit } })]);
    let left = limit;
    for (let round = 0; round < 1_000; round += 1) {
      const pool = replicas.of(round % 2);
      const call = pool.reserve();
      left -= 1;
      const limits = answer(left);
      replicas.pass(1);
      left = Math.min(limit, left + limit / 60_000);
      pool.settle(call, { kind: 'succeeded', tokens: null, limits, firstByteMs: null });
      if (round % 5 === 4) replicas.tell();
    }
    for (const index of [0, 1]) {
      const window = replicas.account(index).windows.limited[0];
      const { nowMs } = replicas.of(index);
      // Those of one interval, which the provider knew of already.
      expect(window?.lowered).toBeLessThan(10);
      expect((window?.levelAt(nowMs + 1_000) ?? 0) - (window?.levelAt(nowMs) ?? 0)).toBeCloseTo(limit / 60);
    }
  });

  it('count calls under way elsewhere until they end, or their process is gone', () => {
    const replicas = new Replicas(2, [anAccount('a', { limits: { maxConcurrency: 5 } })]);
    const [first] = untilRefused(replicas.of(0));
    replicas.tell();
    expect(replicas.of(1).reason()).toBe('concurrency');
    replicas.of(0).settle(first as Reservation);
    replicas.tell();
    expect(untilRefused(replicas.of(1))).toHaveLength(1);
    forgetProcess(replicas.of(1).pool, 'process 0');
    expect(untilRefused(replicas.of(1))).toHaveLength(4);
    expect(replicas.account(1).slots).toBe(5);
  });

  it('look only at accounts that something has happened to, so many at a time', () => {
    const replicas = new Replicas(
      2,
      ['a', 'b', 'c', 'd'].map((id) => anAccount(id, { limits: { rpm: 100 } })),
    );
    const { pool, nowMs } = replicas.of(0);
    expect(takeNews(pool, all, nowMs)).toEqual([]);
    for (const exclude of ['bcd', 'acd', 'abd']) replicas.of(0).reserve(anAsk({ exclude: [...exclude] }));
    expect(takeNews(pool, 2, nowMs).map(({ id }) => id)).toEqual(['a', 'b']);
    expect(takeNews(pool, 2, nowMs).map(({ id }) => id)).toEqual(['c']);
    expect(pool.changed?.size).toBe(0);
  });

  it('pass over accounts, groups and limits that they do not have', () => {
    const one = new PoolInTime([anAccount('a')]);
    const news = { spent: { rpm: 3 }, cost: 0, missing: null, inFlight: 1, standings: [] };
    const told = [
      { kind: 'account', id: 'gone', ...news },
      { kind: 'group', id: 'gone', ...news },
      { kind: 'account', id: 'a', ...news },
    ] as const;
    hearNews(one.pool, 'other', told, one.nowMs);
    expect(one.reason()).toBeNull();
  });

  it('forget calls elsewhere on accounts that leave', () => {
    const specs = [anAccount('a', { limits: { maxConcurrency: 5 } })];
    const replicas = new Replicas(2, specs);
    replicas.of(0).reserve();
    replicas.tell();
    const { pool, nowMs } = replicas.of(1);
    pool.replaceAccounts([], nowMs);
    pool.replaceAccounts(specs, nowMs);
    forgetProcess(pool, 'process 0');
    expect(replicas.account(1).slots).toBe(5);
  });
});

describe('what one process finds out about an account', () => {
  const two = (): Replicas => new Replicas(2, [anAccount('a')]);
  const lockOut = failedBy(aFailure('authentication'));
  const limitedFor = (retryAfterMs: number) => failedBy(aFailure('rate_limited', { retryAfterMs }));

  it('takes it out in all, and lets it in again in all', () => {
    const replicas = two();
    replicas.of(0).call(lockOut);
    replicas.tell();
    expect(replicas.of(1).machine('a')).toBe('auth_failed');
    clearMachineState(replicas.of(0).pool, idOf('a'), replicas.of(0).nowMs);
    replicas.tell();
    expect(replicas.of(1).machine('a')).toBe('closed');
    expect(replicas.tell()).toBe(0);
  });

  it('never shortens a longer rest, and lengthens a shorter one', () => {
    const replicas = two();
    const calls = replicas.pools.map((pool) => pool.reserve());
    replicas.of(0).settle(calls[0] as Reservation, limitedFor(5_000));
    replicas.of(1).settle(calls[1] as Reservation, limitedFor(20_000));
    replicas.tell();
    replicas.pass(10_000);
    expect([0, 1].map((index) => replicas.of(index).machine('a'))).toEqual(['cooling', 'cooling']);
  });

  it('ends no rest that has another cause or is longer', () => {
    const replicas = two();
    replicas.of(0).call(limitedFor(5_000));
    replicas.tell();
    const other = replicas.of(1);
    benchAccount(other.pool, idOf('a'), 60_000, 'by.hand', other.nowMs);
    clearMachineState(replicas.of(0).pool, idOf('a'), replicas.of(0).nowMs);
    hearNews(other.pool, 'process 0', takeNews(replicas.of(0).pool, all, other.nowMs), other.nowMs);
    expect(other.machine('a')).toBe('cooling');
  });

  it('ends a rest everywhere when its one probe has passed', () => {
    const replicas = two();
    replicas.of(0).call(limitedFor(5_000));
    replicas.tell();
    replicas.pass(6_000);
    replicas.of(1).call();
    replicas.tell();
    expect(replicas.of(0).machine('a')).toBe('closed');
  });

  it('is told of a model alone, and of a quota group as one', () => {
    const quotaGroup = { id: 'g', limits: anAccount('x').limits };
    const replicas = new Replicas(2, [anAccount('a', { quotaGroup }), anAccount('b', { quotaGroup })]);
    const refused = failedBy(aFailure('model_unavailable', { scope: 'model_on_account' }));
    replicas.of(0).call(refused, anAsk({ exclude: ['b'] }));
    replicas.tell();
    expect(replicas.of(1).reason(anAsk({ exclude: ['b'] }))).toBe('model_unavailable');
    expect(replicas.of(1).reason(anAsk({ exclude: ['b'], model: 'other' }))).toBeNull();
    clearMachineState(replicas.of(0).pool, idOf('a'), replicas.of(0).nowMs);
    replicas.tell();
    expect(replicas.of(1).reason(anAsk({ exclude: ['b'] }))).toBeNull();
    replicas.of(0).call(limitedFor(5_000));
    replicas.tell();
    expect(replicas.of(1).reason()).toBe('cooling');
  });
});
