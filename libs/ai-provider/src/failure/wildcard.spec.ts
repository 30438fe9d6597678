import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { holdsPattern, isPattern } from './wildcard.js';

const escaped = (pattern: string) =>
  pattern
    .split('*')
    .map((part) => part.replace(/[^\w]/g, '\\$&'))
    .join('[^]*');
const letters = (from: string[], most: number) =>
  fc.array(fc.constantFrom(...from), { maxLength: most }).map((chosen) => chosen.join(''));

describe('patterns with wildcards', () => {
  it('mean what the regular expression with [^]* in place of * means', () => {
    fc.assert(
      fc.property(letters(['a', 'b', '.', '\n'], 12), letters(['a', 'b', '.', '*'], 6), (text, pattern) => {
        const expression = escaped(pattern);
        expect(holdsPattern(text, pattern)).toBe(new RegExp(expression).test(text));
        expect(isPattern(text, pattern)).toBe(new RegExp(`^(?:${expression})$`).test(text));
      }),
      { numRuns: 2_000 },
    );
  });

  it('take the time of a few searches, also where a regular expression would take for ever', () => {
    const text = 'a'.repeat(4_096);
    const pattern = `${'a*'.repeat(99)}b`;
    const startedMs = performance.now();
    for (let i = 0; i < 1_000; i += 1) expect(holdsPattern(text, pattern)).toBe(false);
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});
