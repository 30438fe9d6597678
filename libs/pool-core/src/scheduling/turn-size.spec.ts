import { describe, expect, it } from '@jest/globals';
import { PoolInTime, anAccount, anAsk, usage } from '../../test-support/a-pool.js';
import { TurnSize } from './turn-size.js';

/** Tokens of each account after calls whose sizes differ a hundredfold. */
function tokensByWeight(real: (estimate: number, call: number) => number): number[] {
  const weights = [1, 2, 3, 4];
  const limits = { tpm: 1e9 };
  const pool = new PoolInTime(weights.map((weight) => anAccount(`a${weight}`, { weight, limits })));
  const tokens = new Map<string, number>();
  for (let call = 0; call < 4_000; call += 1) {
    const estimate = 10 + ((call * 7_919) % 1_000);
    const reservation = pool
      .pass(10)
      .reserve(anAsk({ inputTokens: estimate, outputTokens: 0, affinity: String(call) }));
    const input = real(estimate, call);
    pool.settle(reservation, { kind: 'succeeded', tokens: usage(input, 0), limits: [], firstByteMs: null });
    tokens.set(reservation.accountId, (tokens.get(reservation.accountId) ?? 0) + input);
  }
  return weights.map((weight) => (tokens.get(`a${weight}`) ?? 0) / weight);
}

const spreadOf = (amounts: readonly number[]): number => Math.max(...amounts) / Math.min(...amounts) - 1;

describe('turns of conversations', () => {
  it('share out tokens, not calls, where calls differ in size', () => {
    expect(spreadOf(tokensByWeight((estimate) => estimate))).toBeLessThan(0.01);
  });

  it('count what calls have really used', () => {
    expect(spreadOf(tokensByWeight((estimate, call) => estimate * (call % 3)))).toBeLessThan(0.02);
  });
});

describe('TurnSize', () => {
  it('is exactly 1 where all calls are alike', () => {
    const size = new TurnSize();
    for (let call = 0; call < 1_000; call += 1) expect(size.of(0.1 + 0.2)).toBe(1);
  });
});
