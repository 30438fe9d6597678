import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import type { ProviderFailure } from '#kernel';
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
} from '../test-support/a-pool.js';
import { accountStatuses } from './account-status.js';
import type { Reservation } from './reservation.js';
import { expireReservations, keepAlive, noteLimits } from './settle.js';
import type { Outcome } from './settle.js';

const left = (pool: PoolInTime): Record<string, number> => {
  const [status] = accountStatuses(pool.pool, pool.nowMs);
  return Object.fromEntries(status?.windows.map(({ name, left: units }) => [name, units]) ?? []);
};
const limits = { rpm: 100, tpm: 1_000, itpm: 1_000, otpm: 1_000 };
const anyOutcome = fc.oneof(
  fc.constant(succeeded),
  fc.constant(aborted),
  fc.constant(failedBy(aFailure('invalid_request'))),
  fc.nat(500).map((tokens): Outcome => ({
    kind: 'succeeded',
    tokens: usage(tokens, tokens),
    limits: [],
    firstByteMs: null,
  })),
);

describe('settle', () => {
  it.each<[string, Outcome, number, number]>([
    [
      'real usage when it is less',
      { kind: 'succeeded', tokens: usage(100, 20), limits: [], firstByteMs: null },
      100,
      20,
    ],
    [
      'real usage when it is more',
      { kind: 'succeeded', tokens: usage(300, 90), limits: [], firstByteMs: null },
      300,
      90,
    ],
    ['the estimate when no usage is known', succeeded, 200, 50],
    ['the prompt alone when the caller left', aborted, 200, 0],
    ['no tokens when the provider refused', failedBy(aFailure('server_error')), 0, 0],
    ['the estimate when the provider may still be at work', failedBy(aFailure('timeout')), 200, 50],
  ])('charges one request and %s', (_, outcome, input, output) => {
    const pool = new PoolInTime([anAccount('a', { limits })], { safetyMargin: 0 });
    const reservation = pool.reserve(anAsk({ inputTokens: 200, outputTokens: 50 }));
    expect(left(pool)).toEqual({ rpm: 99, tpm: 750, itpm: 800, otpm: 950 });
    pool.settle(reservation, outcome);
    expect(left(pool)).toEqual({
      rpm: 99,
      tpm: 1_000 - input - output,
      itpm: 1_000 - input,
      otpm: 1_000 - output,
    });
  });

  it('counts the first time only', () => {
    const pool = new PoolInTime([anAccount('a', { limits })]);
    const reservation = pool.reserve();
    pool.settle(reservation, { kind: 'succeeded', tokens: usage(1, 1), limits: [], firstByteMs: null });
    const after = accountStatuses(pool.pool, pool.nowMs);
    expect(pool.settle(reservation, failedBy(aFailure('authentication')))).toEqual([]);
    expect(accountStatuses(pool.pool, pool.nowMs)).toEqual(after);
  });

  it('leaves nothing reserved and nothing under way, in whatever order calls end', () => {
    const calls = fc.array(fc.tuple(fc.nat(200), fc.nat(200), anyOutcome), { maxLength: 40 });
    fc.assert(
      fc.property(calls, fc.nat(), (asks, seed) => {
        const pool = new PoolInTime([anAccount('a'), anAccount('b', { limits: { rpm: 20, tpm: 3_000 } })]);
        const random = seeded(seed);
        const open: [Reservation, Outcome][] = [];
        const endOne = () => {
          const [ended] = open.splice(Math.floor(random() * open.length), 1);
          if (ended !== undefined) pool.settle(...ended);
        };
        for (const [inputTokens, outputTokens, outcome] of asks) {
          open.push([pool.pass(random() * 900).reserve(anAsk({ inputTokens, outputTokens })), outcome]);
          if (random() < 0.5) endOne();
        }
        while (open.length > 0) endOne();
        expect(pool.pool.openReservations.size).toBe(0);
        for (const account of pool.pool.accounts) {
          expect(account.inFlight).toBe(0);
          for (const window of account.windows.limited) expect(window.reserved).toBe(0);
        }
      }),
    );
  });

  it('is harmless when the account has left the pool', () => {
    const pool = new PoolInTime([anAccount('a'), anAccount('b', { tier: 2 })]);
    const reservation = pool.reserve();
    pool.pool.replaceAccounts([anAccount('b')], pool.nowMs);
    pool.settle(reservation, failedBy(aFailure('authentication')));
    expect(pool.machine('a')).toBeUndefined();
    expect(pool.reserve().accountId).toBe('b');
  });

  const oneLeft = { unit: 'requests', window: 'minute', limit: 10, remaining: 1, resetAtMs: null } as const;
  const failedWith = (failure: ProviderFailure): Outcome => ({
    kind: 'failed',
    failure,
    tokens: null,
    limits: [oneLeft],
  });

  it.each<[string, Outcome]>([
    ['a success', { kind: 'succeeded', tokens: null, limits: [oneLeft], firstByteMs: null }],
    ['a breakdown', failedWith(aFailure('server_error'))],
    ['a fault of the caller', failedWith(aFailure('invalid_request'))],
  ])('learns limits from the headers of %s, before the first 429', (_what, outcome) => {
    const pool = new PoolInTime([anAccount('a')]);
    pool.settle(pool.reserve(), outcome);
    pool.reserve();
    expect(pool.reason()).toBe('rpm');
  });

  it.each([
    ['second', 1_000],
    ['hour', 3_600_000],
    ['month', 2_592_000_000],
  ] as const)('learns limits per %s, which nobody can configure', (window, windowMs) => {
    const pool = new PoolInTime([anAccount('a')]);
    const reading = { unit: 'requests', window, limit: 4, remaining: 1, resetAtMs: null } as const;
    pool.settle(pool.reserve(), { kind: 'succeeded', tokens: null, limits: [reading], firstByteMs: null });
    pool.reserve();
    expect(pool.reason()).not.toBeNull();
    pool.pass(windowMs / 4 - 1);
    expect(pool.reason()).not.toBeNull();
    pool.pass(1);
    expect(pool.reason()).toBeNull();
  });

  it('passes over limits that are not kept', () => {
    const pool = new PoolInTime([anAccount('a')]);
    const reading = {
      unit: 'input_tokens',
      window: 'hour',
      limit: 1,
      remaining: 0,
      resetAtMs: null,
    } as const;
    pool.settle(pool.reserve(), { kind: 'succeeded', tokens: null, limits: [reading], firstByteMs: null });
    expect(pool.reason()).toBeNull();
  });
});

describe('noteLimits', () => {
  const remaining = (units: number) =>
    ({ unit: 'tokens', window: 'minute', limit: 1_000, remaining: units, resetAtMs: null }) as const;
  const hear = (pool: PoolInTime, call: Reservation, units: number) =>
    noteLimits(pool.pool, call, [remaining(units)], pool.nowMs);
  const tokensLeft = (pool: PoolInTime) => left(pool)['tpm'];

  it('counts what the head of an answer says at once, and what has begun since', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { tpm: 1_000 } })], { safetyMargin: 0 });
    const call = pool.reserve(anAsk({ inputTokens: 100, outputTokens: 0 }));
    pool.reserve(anAsk({ inputTokens: 50, outputTokens: 0 }));
    hear(pool, call, 400);
    // One call that may have overtaken it explains 50.
    expect(tokensLeft(pool)).toBe(400);
    hear(pool, pool.reserve(anAsk({ inputTokens: 10, outputTokens: 0 })), 300);
    expect(tokensLeft(pool)).toBe(300);
  });

  it('takes it in once: the end of the same answer has nothing to add', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { tpm: 1_000 } })], { safetyMargin: 0 });
    const call = pool.reserve(anAsk({ inputTokens: 100, outputTokens: 0 }));
    hear(pool, call, 400);
    const end = { tokens: usage(100, 0), limits: [remaining(100)], firstByteMs: null };
    pool.settle(call, { kind: 'succeeded', ...end });
    expect(tokensLeft(pool)).toBe(400);
    hear(pool, call, 50);
    expect(tokensLeft(pool)).toBe(400);
  });

  it('lets an account admit again that was thought to be empty', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { tpm: 1_000 } })], { safetyMargin: 0 });
    const full = { tokens: usage(0, 0), limits: [remaining(20)], firstByteMs: null };
    pool.settle(pool.reserve(anAsk({ inputTokens: 1, outputTokens: 0 })), { kind: 'succeeded', ...full });
    const call = pool.reserve(anAsk({ inputTokens: 20, outputTokens: 0 }));
    const ask = anAsk({ inputTokens: 300, outputTokens: 0 });
    expect(pool.reason(ask)).toBe('tpm');
    hear(pool, call, 900);
    expect(pool.reason(ask)).toBeNull();
  });
});

describe('expireReservations', () => {
  it('frees what a caller forgot, spares what was heard of', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { maxConcurrency: 2 } })]);
    const [forgotten, alive] = [pool.reserve(), pool.reserve()];
    keepAlive(alive);
    pool.pass(60_000);
    expect(expireReservations(pool.pool, pool.nowMs - 30_000, pool.nowMs)).toEqual([forgotten]);
    expect(pool.pool.account(idOf('a'))?.inFlight).toBe(1);
    pool.pass(60_000);
    expect(expireReservations(pool.pool, pool.nowMs - 30_000, pool.nowMs)).toEqual([alive]);
  });

  it('frees the place of a lost probe', () => {
    const pool = new PoolInTime([anAccount('a')]);
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 1_000 })));
    pool.pass(1_000).reserve();
    expect(pool.reason()).toBe('probing');
    expireReservations(pool.pool, pool.pass(1).nowMs, pool.nowMs);
    expect(pool.reason()).toBeNull();
  });
});
