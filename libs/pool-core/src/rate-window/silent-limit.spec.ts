import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anAccount, anAsk, aFailure, failedBy, PoolInTime } from '../../test-support/a-pool.js';
import { SilentProvider } from '../../test-support/a-silent-provider.js';
import type { Span } from '../../test-support/a-silent-provider.js';

const ample = 1_000_000_000;
const oneAccount = (limits = {}) => new PoolInTime([anAccount('a', { limits })]);
/** 200 calls of 1,000 tokens per minute, of which 300 are wanted. */
const ofTokens = () => new SilentProvider(oneAccount(), { rpm: ample, tpm: 200_000 }, 300);
const limitOf = ({ pool }: { pool: PoolInTime }, name: string) =>
  pool.pool.accounts[0]?.windows.limited.find((window) => window.name === name)?.limitUnits ?? Infinity;
const refusedPerMille = ({ passed, refused }: Span) => (1_000 * refused) / (passed + refused);

describe('the limit of a provider that says nothing but 429', () => {
  it('on tokens is learnt: nearly all of it is used, and hardly a call is refused', () => {
    const provider = ofTokens();
    provider.run(10);
    const learnt = provider.run(10);
    expect(learnt.passedTokens).toBeGreaterThan(0.97 * 10 * 200_000);
    expect(refusedPerMille(learnt)).toBeLessThan(8);
    expect(Math.abs(limitOf(provider, 'tpm') / 200_000 - 1)).toBeLessThan(0.1);
  });

  it('on requests is learnt, too, however much calls differ in size', () => {
    const provider = new SilentProvider(oneAccount(), { rpm: 200, tpm: ample }, 300);
    provider.run(15);
    const learnt = provider.run(10);
    expect(learnt.passed).toBeGreaterThan(0.96 * 10 * 200);
    expect(refusedPerMille(learnt)).toBeLessThan(12);
  });

  it('on both is learnt when now the one and now the other is short', () => {
    const provider = new SilentProvider(oneAccount(), { rpm: 190, tpm: 200_000 }, 300);
    provider.run(15);
    const learnt = provider.run(10);
    expect(learnt.passed).toBeGreaterThan(0.93 * 10 * 190);
    expect(refusedPerMille(learnt)).toBeLessThan(20);
  });

  it('is learnt whatever it is', () => {
    const anyLimit = fc.record({
      rpm: fc.integer({ min: 60, max: 1_000 }),
      tpm: fc.integer({ min: 60_000, max: 1_000_000 }),
      seed: fc.nat(1_000),
    });
    fc.assert(
      fc.property(anyLimit, ({ rpm, tpm, seed }) => {
        const most = Math.min(rpm, tpm / 1_000);
        const provider = new SilentProvider(oneAccount(), { rpm, tpm }, 1.5 * most, seed);
        provider.run(15);
        const learnt = provider.run(10);
        expect(learnt.passed).toBeGreaterThan(0.85 * 10 * most);
        expect(refusedPerMille(learnt)).toBeLessThan(50);
      }),
      { numRuns: 8, seed: 7 },
    );
  });

  it('is found to be raised', () => {
    const provider = ofTokens();
    provider.run(15);
    provider.tokens.perMinute = 280_000;
    provider.run(15);
    expect(provider.run(5).passedTokens).toBeGreaterThan(0.95 * 5 * 280_000);
  });

  it('is found to be doubled within two minutes', () => {
    const provider = new SilentProvider(oneAccount(), { rpm: ample, tpm: 200_000 }, 500);
    provider.run(15);
    provider.tokens.perMinute = 400_000;
    provider.run(2);
    const learnt = provider.run(3);
    expect(learnt.passedTokens).toBeGreaterThan(0.9 * 3 * 400_000);
    expect(refusedPerMille(learnt)).toBeLessThan(20);
  });

  it('is found to be lowered, at the cost of a few percent of its calls', () => {
    const provider = ofTokens();
    provider.run(15);
    provider.tokens.perMinute = 100_000;
    expect(refusedPerMille(provider.run(5))).toBeLessThan(100);
    const learnt = provider.run(10);
    expect(learnt.passedTokens).toBeGreaterThan(0.9 * 10 * 100_000);
    expect(refusedPerMille(learnt)).toBeLessThan(40);
  });

  it('is never thought to be higher than what people have configured', () => {
    const provider = new SilentProvider(oneAccount({ tpm: 90_000 }), { rpm: ample, tpm: 200_000 }, 300);
    provider.run(2);
    const span = provider.run(10);
    expect(span.passedTokens).toBeLessThan(1.01 * 10 * 90_000);
    expect(span.refused).toBe(0);
  });

  it('is not lowered by a day that is used up: rests double up to their maximum', () => {
    const provider = ofTokens();
    provider.run(15);
    const before = limitOf(provider, 'tpm');
    provider.isShut = true;
    const shut = provider.run(6 * 60);
    // Of 1, 2, 4 ... 256 s, then of 5 min.
    expect(shut.refused).toBeLessThan(9 + 6 * 15 + 20);
    expect(limitOf(provider, 'tpm')).toBeGreaterThan(0.8 * before);
    provider.isShut = false;
    provider.run(10);
    expect(provider.run(5).passedTokens).toBeGreaterThan(0.95 * 5 * 200_000);
  });

  it('is forgotten when people take their own limit away', () => {
    const provider = new SilentProvider(oneAccount({ tpm: 300_000 }), { rpm: ample, tpm: 200_000 }, 300);
    provider.run(15);
    expect(limitOf(provider, 'tpm')).toBeLessThan(230_000);
    provider.pool.pool.replaceAccounts([anAccount('a')], provider.pool.nowMs);
    provider.run(15);
    expect(provider.run(5).passedTokens).toBeGreaterThan(0.95 * 5 * 200_000);
  });
});

function useUp(pool: PoolInTime, ask: ReturnType<typeof anAsk>): void {
  for (;;) {
    const decision = pool.select(ask);
    if (decision.kind === 'refused') return;
    pool.settle(decision.reservation);
  }
}

describe('a refusal without a word', () => {
  it('teaches nothing where hardly anybody calls: a rest is enough', () => {
    const pool = oneAccount();
    for (let call = 0; call < 4; call += 1) pool.call();
    pool.call(failedBy(aFailure('rate_limited')));
    expect(pool.pool.accounts[0]?.windows.limited).toEqual([]);
  });

  it('is no sign of a storm where next to nothing was left: each account rests for itself', () => {
    const pool = new PoolInTime(['a', 'b', 'c'].map((id) => anAccount(id, { limits: { tpm: 1_000 } })));
    const only = (id: string) => anAsk({ exclude: ['a', 'b', 'c'].filter((one) => one !== id) });
    for (const id of ['a', 'b', 'c']) {
      for (let call = 0; call < 20; call += 1) pool.call(undefined, only(id));
      pool.call(failedBy(aFailure('rate_limited')), only(id));
      pool.pass(5_000).call(undefined, only(id));
    }
    for (const id of ['a', 'b', 'c']) useUp(pool, only(id));
    pool.pass(3_000);
    for (const id of ['a', 'b', 'c']) pool.call(failedBy(aFailure('rate_limited')), only(id));
    expect(['a', 'b', 'c'].map((id) => pool.machine(id))).toEqual(['cooling', 'cooling', 'cooling']);
  });
});
