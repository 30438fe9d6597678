import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  aborted,
  anAccount,
  anAsk,
  aFailure,
  failedBy,
  PoolInTime,
  usage,
} from '../../test-support/a-pool.js';
import type { Outcome } from '../settle.js';

/** 10 prompt tokens; 5 of an answer are expected, and the provider holds 90 of it until it has ended. */
const ask = anAsk({ heldOutputTokens: 90 });
const oneAccount = (limits = { tpm: 200 }) =>
  new PoolInTime([anAccount('a', { limits })], { safetyMargin: 0 });
const windowOf = (pool: PoolInTime, name = 'tpm') => {
  const window = pool.pool.accounts[0]?.windows.limited.find((one) => one.name === name);
  if (window === undefined) throw new Error(`there is no window ${name}`);
  return window;
};
const answered = (output: number, remaining?: number): Outcome => ({
  kind: 'succeeded',
  tokens: usage(10, output),
  limits:
    remaining === undefined
      ? []
      : [{ unit: 'tokens', window: 'minute', limit: 200, remaining, resetAtMs: null }],
  firstByteMs: null,
});

describe('what a provider holds of an answer', () => {
  it('is reserved of the limits from the beginning, and only what was used counts in the end', () => {
    const pool = oneAccount();
    const first = pool.reserve(ask);
    pool.reserve(ask);
    expect(pool.reason(ask)).toBe('tpm');
    pool.settle(first, answered(5));
    expect(windowOf(pool).levelAt(pool.nowMs)).toBe(85);
    expect(pool.reason(ask)).toBe('tpm');
    expect(pool.reason(anAsk({ heldOutputTokens: 75 }))).toBeNull();
  });

  it('is never less than what is expected', () => {
    const pool = oneAccount();
    pool.reserve(anAsk({ heldOutputTokens: 0 }));
    expect(windowOf(pool).reserved).toBe(15);
  });

  it('does not concern limits on prompts, nor budgets', () => {
    const price = { inputNanoUsd: 1, cachedInputNanoUsd: 1, outputNanoUsd: 1 };
    const spec = anAccount('a', {
      limits: { itpm: 20 },
      budget: { dailyNanoUsd: 30, monthlyNanoUsd: null },
    });
    const pool = new PoolInTime([spec], { safetyMargin: 0 });
    pool.reserve({ ...ask, price });
    pool.reserve({ ...ask, price });
    expect(windowOf(pool, 'itpm').levelAt(pool.nowMs)).toBe(0);
  });

  it('is taken for given back when headers speak of the time before', () => {
    const pool = oneAccount();
    const first = pool.reserve(ask);
    const second = pool.reserve(ask);
    pool.settle(first, answered(5, 100));
    expect(windowOf(pool).levelAt(pool.nowMs)).toBe(85);
    pool.settle(second, answered(5, 0));
    expect(windowOf(pool).levelAt(pool.nowMs)).toBe(170);
  });

  it('does not keep a header from telling of less than we thought', () => {
    const pool = oneAccount();
    pool.settle(pool.reserve(ask), answered(5, 40));
    expect(windowOf(pool).levelAt(pool.nowMs)).toBe(40 + 85);
  });

  it('is nothing when all calls have ended, however they did', () => {
    const outcomes = [
      answered(5),
      answered(90),
      aborted,
      failedBy(aFailure('timeout')),
      failedBy(aFailure('rate_limited')),
    ];
    const call = fc.record({
      held: fc.option(fc.nat(300), { nil: undefined }),
      outcome: fc.constantFrom(...outcomes),
    });
    fc.assert(
      fc.property(fc.array(call, { maxLength: 30 }), (calls) => {
        const pool = new PoolInTime([anAccount('a', { limits: { tpm: 100_000 } })]);
        const taken = calls.flatMap(({ held, outcome }) => {
          const decision = pool.select(anAsk({ heldOutputTokens: held }));
          return decision.kind === 'selected' ? [{ reservation: decision.reservation, outcome }] : [];
        });
        for (const { reservation, outcome } of taken) pool.settle(reservation, outcome);
        expect(windowOf(pool).reserved).toBe(0);
      }),
    );
  });
});
