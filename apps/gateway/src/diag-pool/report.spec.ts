import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { entropyRatio } from './report.js';

describe('entropyRatio', () => {
  it('is 1 for an even distribution and 0 when one key did everything', () => {
    expect(entropyRatio([25, 25, 25, 25])).toBeCloseTo(1, 12);
    expect(entropyRatio([100, 0, 0])).toBe(0);
    expect(entropyRatio([])).toBe(1);
  });

  it('never leaves 0 to 1', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1000), { minLength: 2, maxLength: 50 }), (counts) => {
        const ratio = entropyRatio(counts);
        expect(ratio).toBeGreaterThanOrEqual(0);
        expect(ratio).toBeLessThanOrEqual(1 + 1e-9);
      }),
    );
  });
});
