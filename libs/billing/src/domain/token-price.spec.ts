import { describe, expect, it } from '@jest/globals';
import { noTokens } from '#kernel';
import { rate } from './rate.js';
import { priceOf } from './token-price.js';

describe('the price of a token', () => {
  it('is what rating charges for it', () => {
    const price = priceOf('openai', 'gpt-4o-mini-2024-07-18');
    expect(price).toEqual({ inputNanoUsd: 150, cachedInputNanoUsd: 75, outputNanoUsd: 600 });
    const cost = rate('openai', 'gpt-4o-mini', { ...noTokens, input: 10, cachedInput: 4, output: 2 });
    expect(cost).toBe(BigInt(6 * 150 + 4 * 75 + 2 * 600));
  });

  it('is known for open models only at the hosts that publish one', () => {
    expect(priceOf('groq', 'llama-3.1-8b-instant')).not.toBeNull();
    expect(priceOf('my-own-gpu', 'llama-3.1-8b-instant')).toBeNull();
  });

  it('is right also after more names were asked for than are remembered', () => {
    const before = priceOf('openai', 'gpt-5');
    for (let i = 0; i < 10_000; i += 1) expect(priceOf('openai', `made-up-${i}`)).toBeNull();
    expect(priceOf('openai', 'gpt-5')).toEqual(before);
  });
});
