import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { estimateTokens } from './estimate-tokens.js';

describe('estimateTokens', () => {
  it('counts a token per four characters of text, wherever it stands', () => {
    const messages = [{ role: 'user', content: [{ type: 'text', text: 'word '.repeat(400) }] }];
    expect(estimateTokens({ messages })).toBeGreaterThanOrEqual(500);
    expect(estimateTokens({ messages })).toBeLessThan(510);
  });

  it('does not take an image for a million words', () => {
    const image = `data:image/png;base64,${'A'.repeat(4_000_000)}`;
    const bare = 'A'.repeat(4_000_000);
    expect(estimateTokens({ messages: [{ image_url: { url: image } }] })).toBe(1_000);
    expect(estimateTokens({ source: { data: bare } })).toBe(1_000);
  });

  it('takes deep and huge bodies without overflowing the stack', () => {
    const deep = JSON.parse(`{"a":${'['.repeat(200_000)}${']'.repeat(200_000)}}`) as object;
    expect(estimateTokens(deep)).toBe(1);
  });

  it('is at least 1 and finite for any JSON', () => {
    fc.assert(
      fc.property(fc.object(), (json) => {
        const tokens = estimateTokens(json);
        expect(Number.isInteger(tokens) && tokens >= 1).toBe(true);
      }),
    );
  });
});
