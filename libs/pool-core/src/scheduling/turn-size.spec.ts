import { describe, expect, it } from '@jest/globals';
import { PoolInTime, anAccount, anAsk, usage } from '../../test-support/a-pool.js';
import { TurnSize } from './turn-size.js';

/** Tokens of each account after calls whose sizes differ a hundredfold. */
function tokensByWeight(
  affinityOf: (call: number) => string | null,
  real: (estimate: number, call: number) => number,
): number[] {
  const weights = [1, 2, 3, 4];
  const limits = { tpm: 1e9 };
  const pool = new PoolInTime(weights.map((weight) => anAccount(`a${weight}`, { weight, limits })));
  const tokens = new Map<string, number>();
  for (let call = 0; call < 4_000; call += 1) {
    const estimate = 10 + ((call * 7_919) % 1_000);
    const reservation = pool
      .pass(10)
      .reserve(anAsk({ inputTokens: estimate, outputTokens: 0, affinity: affinityOf(call) }));
    const input = real(estimate, call);
    pool.settle(reservation, { kind: 'succeeded', tokens: usage(input, 0), limits: [], firstByteMs: null });
    tokens.set(reservation.accountId, (tokens.get(reservation.accountId) ?? 0) + input);
  }
  return weights.map((weight) => (tokens.get(`a${weight}`) ?? 0) / weight);
}

const spreadOf = (amounts: readonly number[]): number => Math.max(...amounts) / Math.min(...amounts) - 1;

describe.each([
  ['conversations', String],
  ['single calls', () => null],
])('turns of %s', (_kind, affinityOf) => {
  it('share out tokens, not calls, where calls differ in size', () => {
    expect(spreadOf(tokensByWeight(affinityOf, (estimate) => estimate))).toBeLessThan(0.01);
  });

  it('count what calls have really used', () => {
    expect(spreadOf(tokensByWeight(affinityOf, (estimate, call) => estimate * (call % 3)))).toBeLessThan(
      0.02,
    );
  });

  it('keep to the weights in any hundred calls, from the first, where all estimates are wrong alike', () => {
    for (const used of [1, 100, 10_000]) {
      const weights = [9, 1].map((weight, at) => anAccount(`a${at}`, { weight, limits: { tpm: 1e9 } }));
      const pool = new PoolInTime(weights);
      const picks: string[] = [];
      for (let call = 0; call < 1_000; call += 1) {
        const reservation = pool.pass(10).reserve(anAsk({ inputTokens: 100, affinity: affinityOf(call) }));
        const tokens = usage(used, 0);
        pool.settle(reservation, { kind: 'succeeded', tokens, limits: [], firstByteMs: null });
        picks.push(reservation.accountId);
      }
      for (let from = 0; from + 100 <= picks.length; from += 1) {
        const heavy = picks.slice(from, from + 100).filter((id) => id === 'a0').length;
        expect(Math.abs(heavy - 90)).toBeLessThanOrEqual(2);
      }
    }
  });
});

describe('TurnSize', () => {
  it('is exactly 1 where all calls are alike', () => {
    const size = new TurnSize();
    for (let call = 0; call < 1_000; call += 1) expect(size.of(0.1 + 0.2)).toBe(1);
  });
});
