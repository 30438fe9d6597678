import { describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import {
  PoolInTime,
  aFailure,
  aborted,
  anAccount,
  anAsk,
  noLimits,
  seeded,
  usage,
} from '../test-support/a-pool.js';
import type { AccountSpec } from './account.js';
import { PooledAccount } from './pooled-account.js';
import type { Quota } from './quota.js';
import type { Reservation } from './reservation.js';
import type { Outcome } from './settle.js';
import { expireReservations } from './settle.js';

const minuteMs = 60_000;
const price = { inputNanoUsd: 150, cachedInputNanoUsd: 75, outputNanoUsd: 600 };
const random = seeded(11);
const below = (bound: number): number => Math.floor(random() * bound);
const reading = (): LimitReading => ({
  unit: random() < 0.5 ? 'requests' : 'tokens',
  window: (['second', 'minute', 'hour', 'day', 'month', null] as const)[below(6)] ?? null,
  limit: 1 + below(5_000),
  remaining: below(5_000),
  resetAtMs: null,
});

/** Six accounts whose limits, groups and budgets, and whose presence, chance decides. */
function anyAccounts(): AccountSpec[] {
  const orNull = (bound: number) => (random() < 0.5 ? null : 1 + below(bound));
  return ['a', 'b', 'c', 'd', 'e', 'f']
    .filter(() => random() < 0.9)
    .map((id) => {
      const limits = { ...noLimits, rpm: orNull(5_000), tpm: orNull(1e6), maxConcurrency: orNull(100) };
      return anAccount(id, {
        limits,
        quotaGroup: random() < 0.5 ? { id: random() < 0.5 ? 'g' : 'h', limits } : null,
        budget: { dailyNanoUsd: orNull(1e9), monthlyNanoUsd: orNull(1e10) },
        costFactor: random() * 2,
      });
    });
}

function anyOutcome(): Outcome {
  const limits = random() < 0.3 ? [reading(), reading()] : [];
  switch (below(6)) {
    case 0:
      return aborted;
    case 1:
      return { kind: 'aborted', tokens: usage(below(500), below(500)) };
    case 2:
      return { kind: 'failed', failure: aFailure('timeout'), tokens: null, limits };
    case 3: {
      const failures = ['server_error', 'rate_limited', 'quota_exhausted', 'invalid_request'] as const;
      const failure = aFailure(failures[below(4)] ?? 'unknown', { retryAfterMs: 1 + below(3_000) });
      return { kind: 'failed', failure, tokens: null, limits };
    }
    case 4:
      return { kind: 'succeeded', tokens: null, limits, firstByteMs: null };
    default:
      return { kind: 'succeeded', tokens: usage(below(900), below(900)), limits, firstByteMs: 400 };
  }
}

const heldBy = (quota: Quota): number[] => [
  quota.inFlight,
  ...quota.windows.limited.map(({ reserved }) => reserved),
  quota instanceof PooledAccount ? quota.budget.reserved : 0,
];

it('10,000 calls of every fate, in random order, under changing configuration, leave nothing behind', () => {
  const pool = new PoolInTime(anyAccounts());
  const everSeen = new Set<Quota>();
  const open: Reservation[] = [];
  let begun = 0;
  while (begun < 10_000) {
    if (random() < 0.005) pool.pool.replaceAccounts(anyAccounts(), pool.nowMs);
    for (const account of pool.pool.accounts) everSeen.add(account).add(account.group ?? account);
    const ask = anAsk({
      inputTokens: below(900),
      outputTokens: below(900),
      price: random() < 0.7 ? price : null,
      model: random() < 0.5 ? 'model-a' : 'model-b',
    });
    const decision = pool.pass(random() * 400).select(ask);
    if (decision.kind === 'selected') {
      open.push(decision.reservation);
      begun += 1;
    } else pool.pass(Math.max(1, (decision.earliestMs ?? 0) - pool.nowMs));
    while (open.length > below(60)) {
      const [ended] = open.splice(below(open.length), 1);
      if (ended !== undefined) pool.settle(ended, anyOutcome());
    }
  }
  const forgotten = open.splice(0, 5);
  for (const one of open) pool.settle(one, anyOutcome());
  expect(expireReservations(pool.pool, Infinity, pool.pass(minuteMs).nowMs)).toHaveLength(forgotten.length);
  expect(pool.pool.openReservations.size).toBe(0);
  for (const quota of everSeen) for (const held of heldBy(quota)) expect(held).toBe(0);
});

describe('two accounts of 100 requests per minute under 600 per minute', () => {
  const passedPerMinute = (minutes: number): number[] => {
    const pool = new PoolInTime(['a', 'b'].map((id) => anAccount(id, { limits: { rpm: 100 } })));
    return Array.from({ length: minutes }, () => {
      let passed = 0;
      for (let call = 0; call < 600; call += 1) {
        const decision = pool.pass(100).select();
        if (decision.kind === 'refused') continue;
        passed += 1;
        pool.settle(decision.reservation);
      }
      return passed;
    });
  };

  it('pass 200 in each minute, +/- 1 %, after the burst that full buckets hold', () => {
    const [first, ...later] = passedPerMinute(4);
    expect(first).toBeGreaterThanOrEqual(394);
    expect(first).toBeLessThanOrEqual(2 * (98 + 100));
    for (const passed of later) {
      expect(passed).toBeGreaterThanOrEqual(198);
      expect(passed).toBeLessThanOrEqual(202);
    }
  });
});
