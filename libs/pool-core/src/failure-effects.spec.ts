import { describe, expect, it } from '@jest/globals';
import { failureClasses } from '#kernel';
import type { FailureClass } from '#kernel';
import {
  PoolInTime,
  aFailure,
  aborted,
  anAccount,
  anAsk,
  failedBy,
  idOf,
  succeeded,
  reasonsOf,
} from '../test-support/a-pool.js';
import { clearMachineState, recordProbe } from './interventions.js';

const hourMs = 3_600_000;
const callersFaults: FailureClass[] = [
  'invalid_request',
  'context_length',
  'content_policy',
  'payload_too_large',
  'not_found',
  'conflict',
];
const counted: FailureClass[] = ['overloaded', 'server_error', 'timeout', 'transport', 'unknown'];

const onePool = () => new PoolInTime([anAccount('a')]);
const untilOf = (pool: PoolInTime): number | null => {
  const decision = pool.select();
  return decision.kind === 'refused' ? decision.earliestMs : pool.nowMs;
};

describe('a 429', () => {
  it('with a hint rests the account until then, then admits one real call', () => {
    const pool = onePool();
    const transitions = pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 7_000 })));
    expect(transitions).toMatchObject([
      {
        accountId: 'a',
        model: null,
        from: { kind: 'closed' },
        to: { kind: 'cooling' },
        rule: 'test.rate_limited',
      },
    ]);
    expect(untilOf(pool)).toBe(pool.nowMs + 7_000);
    const probe = pool.pass(7_000).reserve();
    expect(pool.reason()).toBe('probing');
    expect(pool.settle(probe)).toMatchObject([{ from: { kind: 'half_open' }, to: { kind: 'closed' } }]);
    expect(pool.reason()).toBeNull();
  });

  it.each([
    ['at least 1 s', 3, 1_000],
    ['at most 30 min', 5 * hourMs, hourMs / 2],
  ])('is believed %s', (_, retryAfterMs, restMs) => {
    const pool = onePool();
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs })));
    expect(untilOf(pool)).toBe(pool.nowMs + restMs);
  });

  it('is believed beyond 30 min when a daily limit is used up', () => {
    const pool = onePool();
    const spent = { unit: 'requests', window: 'day', limit: null, remaining: 0, resetAtMs: null } as const;
    const failure = aFailure('rate_limited', { retryAfterMs: 5 * hourMs });
    pool.call({ kind: 'failed', failure, tokens: null, limits: [spent] });
    expect(untilOf(pool)).toBe(pool.nowMs + 5 * hourMs);
  });

  it('without a hint rests 1 s doubling to the maximum, give or take 20 %', () => {
    const pool = onePool();
    for (const expectedMs of [
      1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 64_000, 128_000, 256_000, 300_000,
    ]) {
      pool.call(failedBy(aFailure('rate_limited')));
      const restMs = (untilOf(pool) ?? 0) - pool.nowMs;
      expect(restMs).toBeGreaterThanOrEqual(expectedMs * 0.8);
      expect(restMs).toBeLessThanOrEqual(Math.min(expectedMs * 1.2, 300_000) + 1);
      pool.pass(restMs);
    }
  });

  it('counts once when many calls under way meet it together', () => {
    const pool = onePool();
    const calls = Array.from({ length: 20 }, () => pool.reserve());
    pool.pass(50);
    for (const call of calls) pool.settle(call, failedBy(aFailure('rate_limited')));
    expect((untilOf(pool) ?? 0) - pool.nowMs).toBeLessThanOrEqual(1_201);
  });

  it('never shortens a running rest', () => {
    const pool = onePool();
    const [first, second] = [pool.reserve(), pool.reserve()];
    pool.settle(first, failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })));
    const untilMs = untilOf(pool);
    pool.pass(10).settle(second, failedBy(aFailure('rate_limited', { retryAfterMs: 2_000 })));
    expect(untilOf(pool)).toBe(untilMs);
  });

  it('about a model rests that model alone', () => {
    const pool = onePool();
    pool.call(failedBy(aFailure('rate_limited', { scope: 'model_on_account', retryAfterMs: 9_000 })));
    expect(pool.reason()).toBe('cooling');
    expect(pool.reason(anAsk({ model: 'model-b' }))).toBeNull();
  });
});

describe('a failure that is no fault of the account', () => {
  it.each([
    ['rate_limited', 'request'],
    ['quota_exhausted', 'request'],
    ['permission', 'provider'],
  ] as const)('marks nobody: %s of scope %s', (failure, scope) => {
    const pool = onePool();
    for (let i = 0; i < 10; i += 1) pool.call(failedBy(aFailure(failure, { scope })));
    expect(pool.reason()).toBeNull();
  });
});

describe('the provider limits everybody', () => {
  const limitThree = () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd', 'e'].map((id) => anAccount(id)));
    for (const id of ['a', 'b', 'c']) {
      const others = ['a', 'b', 'c', 'd', 'e'].filter((one) => one !== id);
      pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })), anAsk({ exclude: others }));
    }
    return pool;
  };

  it('when 3 accounts are limited within 2 s: one call at a time, until it is under way for longer than a refusal takes', () => {
    const pool = limitThree();
    const probe = pool.reserve();
    expect(untilOf(pool)).toBe(pool.nowMs + 200);
    pool.settle(probe, failedBy(aFailure('rate_limited')));
    expect(pool.reason()).toBeNull();
  });

  it('until a call succeeds', () => {
    const pool = limitThree();
    pool.call(succeeded);
    pool.reserve();
    expect(pool.reason()).toBeNull();
  });

  it('but not when a call succeeded in between', () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd', 'e'].map((id) => anAccount(id)));
    for (const outcome of ['429', '429', 'ok', '429']) {
      pool.call(outcome === 'ok' ? succeeded : failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })));
    }
    pool.reserve();
    expect(pool.reason()).toBeNull();
  });
});

describe('a failure that time alone does not heal', () => {
  it('authentication takes the account out for all models until a test passes', () => {
    const pool = onePool();
    pool.call(failedBy(aFailure('authentication')));
    const decision = pool.pass(1_000 * hourMs).select(anAsk({ model: 'model-b' }));
    expect(reasonsOf(decision)).toEqual(['auth_failed']);
    expect(decision).toMatchObject({ earliestMs: null, waitingHelps: false });
    recordProbe(pool.pool, idOf('a'), { ok: true }, pool.nowMs, () => 0);
    expect(pool.machine('a')).toBe('half_open');
    pool.call(succeeded);
    expect(pool.machine('a')).toBe('closed');
  });

  it('of a call begun before the key was replaced does not lock the new key out', () => {
    const pool = onePool();
    const withOldKey = pool.reserve();
    clearMachineState(pool.pool, idOf('a'), pool.pass(10).nowMs);
    pool.pass(10).settle(withOldKey, failedBy(aFailure('authentication')));
    expect(pool.machine('a')).toBe('closed');
  });

  it.each([
    ['an hour', null, hourMs],
    ['until the named reset', 9 * hourMs, 9 * hourMs],
  ])('spent credit rests %s', (_, retryAfterMs, restMs) => {
    const pool = onePool();
    pool.call(failedBy(aFailure('quota_exhausted', { retryAfterMs })));
    expect(pool.reason()).toBe('out_of_quota');
    expect(untilOf(pool)).toBe(pool.nowMs + restMs);
  });

  it('a model that is not available rests 12 hours on this account, the others serve on', () => {
    const pool = onePool();
    expect(pool.call(failedBy(aFailure('model_unavailable')))).toMatchObject([{ model: 'model-a' }]);
    expect(pool.reason()).toBe('model_unavailable');
    expect(untilOf(pool)).toBe(pool.nowMs + 12 * hourMs);
    expect(pool.reason(anAsk({ model: 'model-b' }))).toBeNull();
    pool.pass(12 * hourMs).call(succeeded);
    expect(pool.pool.account(idOf('a'))?.modelStandings.size).toBe(0);
  });

  it('is kept for a bounded number of models', () => {
    const pool = onePool();
    for (let model = 0; model < 500; model += 1) {
      pool.call(failedBy(aFailure('model_unavailable')), anAsk({ model: `model-${model}` }));
    }
    expect(pool.pool.account(idOf('a'))?.modelStandings.size).toBe(100);
  });

  it('permission for one model takes that model away and leaves the account to the others', () => {
    const pool = onePool();
    const refused = failedBy(aFailure('permission', { scope: 'model_on_account' }));
    for (let call = 0; call < 3; call += 1) pool.call(refused, anAsk({ model: `closed-${call}` }));
    expect(pool.machine('a')).toBe('closed');
    expect(pool.reason(anAsk({ model: 'closed-0' }))).toBe('model_unavailable');
    expect(pool.reason(anAsk({ model: 'open' }))).toBeNull();
  });

  it('permission opens the circuit at the third within the window, not at the second', () => {
    const pool = onePool();
    pool.call(failedBy(aFailure('permission')));
    pool.pass(61_000).call(failedBy(aFailure('permission')));
    pool.call(failedBy(aFailure('permission')));
    expect(pool.machine('a')).toBe('closed');
    pool.call(failedBy(aFailure('permission')));
    expect(pool.machine('a')).toBe('open');
  });
});

describe.each(counted)('%s', (failureClass) => {
  const failed = failedBy(aFailure(failureClass));
  const opened = () => {
    const pool = onePool();
    for (let call = 0; call < 5; call += 1) pool.call(failed);
    return pool;
  };

  it('opens the circuit when half of at least 5 calls failed', () => {
    const pool = onePool();
    for (const outcome of [succeeded, succeeded, succeeded, failed, failed]) pool.call(outcome);
    expect(pool.machine('a')).toBe('closed');
    pool.call(failed);
    expect(pool.machine('a')).toBe('open');
    expect(pool.reason()).toBe('circuit_open');
  });

  it('is forgotten by time, also when nobody calls', () => {
    const pool = onePool();
    for (let call = 0; call < 4; call += 1) pool.call(failed);
    pool.pass(60_000);
    for (let call = 0; call < 4; call += 1) pool.call(failed);
    expect(pool.machine('a')).toBe('closed');
  });

  it('half-open admits exactly one call; each failure makes the time open a tenth longer, up to 10 min', () => {
    const pool = opened();
    for (let opening = 0; opening < 80; opening += 1) {
      const restMs = (untilOf(pool) ?? 0) - pool.nowMs;
      const expectedMs = Math.min(2_500 * 1.1 ** opening, 600_000);
      expect(restMs).toBeGreaterThanOrEqual(expectedMs * 0.8);
      expect(restMs).toBeLessThanOrEqual(Math.min(expectedMs * 1.2, 600_000) + 1);
      const probe = pool.pass(restMs).reserve();
      expect(pool.reason()).toBe('probing');
      pool.pass(1).settle(probe, failed);
    }
  });

  it('one good probe closes the circuit, an aborted one frees the place for the next', () => {
    const pool = opened().pass(3_000);
    pool.call(aborted);
    expect(pool.machine('a')).toBe('half_open');
    pool.call(succeeded);
    expect(pool.machine('a')).toBe('closed');
  });
});

describe('a fault of the caller', () => {
  it.each(callersFaults)('%s never marks an account', (failureClass) => {
    const pool = onePool();
    for (let call = 0; call < 50; call += 1) expect(pool.call(failedBy(aFailure(failureClass)))).toEqual([]);
    expect(pool.machine('a')).toBe('closed');
  });
});

describe('with k - 1 of k accounts broken', () => {
  it.each(failureClasses.flatMap((failureClass) => [2, 3, 10].map((k) => [failureClass, k] as const)))(
    'by %s, the last of %i serves',
    (failureClass, k) => {
      const ids = Array.from({ length: k }, (_, index) => `a${index}`);
      const pool = new PoolInTime(ids.map((id) => anAccount(id)));
      const healthy = ids.at(-1);
      for (let call = 0; call < 20; call += 1) {
        const tried: string[] = [];
        for (;;) {
          const reservation = pool.reserve(anAsk({ exclude: tried }));
          const isHealthy = reservation.accountId === healthy;
          pool.pass(1).settle(reservation, isHealthy ? succeeded : failedBy(aFailure(failureClass)));
          if (isHealthy) break;
          tried.push(reservation.accountId);
        }
      }
      expect(pool.machine(healthy ?? '')).toBe('closed');
    },
  );
});
