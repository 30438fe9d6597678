import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { formatUsd, parseUsd } from './money.js';

describe('money', () => {
  it('reads back every amount it writes', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: -(10n ** 20n), max: 10n ** 20n }), (amount) => {
        expect(parseUsd(formatUsd(amount))).toBe(amount);
      }),
    );
  });

  it.each(['', '1.', '.5', '1e3', '1.0000000001', ' 1', 'NaN'])('refuses %p', (text) => {
    expect(() => parseUsd(text)).toThrow(RangeError);
  });
});
