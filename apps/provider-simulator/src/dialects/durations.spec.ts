import { describe, expect, it } from '@jest/globals';
import { goDuration, wholeSeconds } from './durations.js';

describe('durations', () => {
  it.each([
    [0, '0s'],
    [0.2, '1ms'],
    [120, '120ms'],
    [7_660, '7.66s'],
    [59_880, '59.88s'],
    [179_560, '2m59.56s'],
    [360_000, '6m0s'],
    [3_602_500, '1h0m2.5s'],
    [86_400_000, '24h0m0s'],
  ])('of %d ms read %s as Go prints them', (ms, text) => {
    expect(goDuration(ms)).toBe(text);
  });

  it('in seconds are never too short', () => {
    expect([1, 1_000, 1_001].map(wholeSeconds)).toEqual(['1', '1', '2']);
  });
});
