import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { asId, noTokens, parseUsd, type NanoUsd, type TokenUsage } from '#kernel';
import { usage } from '../usage-record.fixture.js';
import { costOf, rate } from './rate.js';

const million = 1_000_000;
const tokens = fc.record({
  input: fc.nat(10 * million),
  cachedInput: fc.nat(10 * million),
  output: fc.nat(million),
  reasoning: fc.nat(million),
});
const used = (some: Partial<TokenUsage>): TokenUsage => ({ ...noTokens, ...some });
const priced = (some: Partial<TokenUsage>): NanoUsd => rate('openai', 'gpt-4o-mini', used(some)) ?? -1n;

describe('rating', () => {
  it('prices fresh input, cached input and output apart', () => {
    expect(priced({ input: million })).toBe(parseUsd('0.15'));
    expect(priced({ input: million, cachedInput: million })).toBe(parseUsd('0.075'));
    expect(priced({ output: million })).toBe(parseUsd('0.6'));
    expect(priced({ input: 1000, cachedInput: 400, output: 100 })).toBe(
      600n * 150n + 400n * 75n + 100n * 600n,
    );
  });

  it('counts reasoning once, as the part of the output it is', () => {
    expect(priced({ output: 500, reasoning: 300 })).toBe(priced({ output: 500 }));
  });

  it.each(['gpt-4o-mini-2024-07-18', 'gpt-4o-mini-latest', 'gpt-4o-mini@20240718'])(
    'prices the snapshot %s like its model',
    (snapshot) => {
      expect(rate('openai', snapshot, used({ output: 7 }))).toBe(priced({ output: 7 }));
    },
  );

  it('prices open models only at the hosts it knows the price of', () => {
    const some = used({ input: million });
    expect(rate('groq', 'llama-3.1-8b-instant', some)).toBe(parseUsd('0.05'));
    expect(rate('my-own-gpu', 'llama-3.1-8b-instant', some)).toBeNull();
    expect(rate('openai', 'never-heard-of', some)).toBeNull();
  });

  it('is never negative, whatever a provider claims', () => {
    const wild = fc.oneof(fc.integer(), fc.double(), fc.constantFrom(NaN, Infinity, -Infinity, 1e300));
    const wildTokens = fc.record({ input: wild, cachedInput: wild, output: wild, reasoning: wild });
    fc.assert(
      fc.property(wildTokens, (some) => {
        const cost = priced(some);
        expect(cost).toBeGreaterThanOrEqual(0n);
        expect(cost).toBeLessThan(2n ** 63n);
      }),
    );
  });

  it('sums to what the sum of the tokens costs, within half a billionth per record', () => {
    fc.assert(
      fc.property(fc.array(tokens, { maxLength: 50 }), (records) => {
        const kept = records.map((some) => ({
          ...some,
          cachedInput: Math.min(some.cachedInput, some.input),
        }));
        const total = kept.reduce(
          (sum, some) => ({
            input: sum.input + some.input,
            cachedInput: sum.cachedInput + some.cachedInput,
            output: sum.output + some.output,
            reasoning: sum.reasoning + some.reasoning,
          }),
          noTokens,
        );
        const apart = kept.reduce((sum, some) => sum + priced(some), 0n);
        const difference = apart > priced(total) ? apart - priced(total) : priced(total) - apart;
        expect(2n * difference).toBeLessThanOrEqual(BigInt(kept.length + 1));
      }),
    );
  });
});

describe('the cost of a call', () => {
  it('is nothing when no provider was reached or the provider refused', () => {
    expect(costOf(usage({ provider: null, upstreamModel: null, tokens: noTokens, status: 429 }))).toBe(0n);
    expect(costOf(usage({ tokens: noTokens, status: 503 }))).toBe(0n);
  });

  it('is what the account pays: the list price by its own factor', () => {
    const listed = costOf(usage()) ?? -1n;
    expect(listed).toBeGreaterThan(0n);
    expect(costOf(usage({ costFactor: 0.5 }))).toBe(listed / 2n);
    expect(costOf(usage({ costFactor: 0 }))).toBe(0n);
  });

  it('is unknown when the answer was not counted or the model has no price', () => {
    expect(costOf(usage({ tokens: noTokens, status: 200 }))).toBeNull();
    expect(costOf(usage({ tokens: noTokens, status: 499 }))).toBeNull();
    expect(costOf(usage({ accountId: asId('a'), upstreamModel: 'unheard-of' }))).toBeNull();
  });
});
