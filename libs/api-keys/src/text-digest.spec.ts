import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TextDigest } from './text-digest.js';

describe('the digest of a text', () => {
  it('matches that text and no other, whatever was compared before', () => {
    const anyText = fc.string({ unit: 'grapheme', maxLength: 100 });
    fc.assert(
      fc.property(anyText, anyText, (text, other) => {
        const digest = new TextDigest(text);
        expect(digest.matches(text)).toBe(true);
        expect(digest.matches(other)).toBe(text === other);
        expect(digest.matches(text)).toBe(true);
      }),
    );
  });
});
