import { describe, expect, it } from '@jest/globals';
import { PromptCache } from './prompt-cache.js';
import { tokensOf } from './token-count.js';

const cacheWith = (minTokens: number) => new PromptCache({ minTokens, stepTokens: 2, ttlMs: 1_000 });

function serve(cache: PromptCache, prompt: string, nowMs: number): number {
  const beginnings = cache.beginnings(prompt, tokensOf(prompt));
  const cached = cache.warmTokens(beginnings, nowMs);
  cache.keepWarm(beginnings, nowMs);
  return cached;
}

describe('the prompt cache', () => {
  it('knows the common beginning of two prompts in whole steps', () => {
    const cache = cacheWith(0);
    expect(serve(cache, 'aaaaaaaabbbbbbbbcccc', 0)).toBe(0);
    expect(serve(cache, 'aaaaaaaabbbbbbbbdddddddd', 1)).toBe(4);
    expect(serve(cache, 'xaaaaaaabbbbbbbb', 2)).toBe(0);
  });

  it('forgets a prompt not used for its time to live, and each use renews it', () => {
    const cache = cacheWith(0);
    serve(cache, 'aaaaaaaa', 0);
    expect(serve(cache, 'aaaaaaaa', 999)).toBe(2);
    expect(serve(cache, 'aaaaaaaa', 1_998)).toBe(2);
    expect(serve(cache, 'aaaaaaaa', 2_998)).toBe(0);
  });

  it('never caches short prompts', () => {
    const cache = cacheWith(10);
    serve(cache, 'a'.repeat(36), 0);
    expect(serve(cache, 'a'.repeat(36), 0)).toBe(0);
    serve(cache, 'a'.repeat(40), 0);
    expect(serve(cache, 'a'.repeat(40), 0)).toBe(10);
  });
});
