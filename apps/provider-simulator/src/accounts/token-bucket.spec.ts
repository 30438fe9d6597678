import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { TokenBucket } from './token-bucket.js';

describe('a token bucket', () => {
  it('starts full and refills continuously', () => {
    const bucket = new TokenBucket(60, 60_000, 0);
    bucket.take(60, 0);
    expect(bucket.level(0)).toBe(0);
    expect(bucket.level(500)).toBeCloseTo(0.5);
    expect(bucket.waitMs(1, 500)).toBeCloseTo(500);
    expect(bucket.fullInMs(30_000)).toBeCloseTo(30_000);
    expect(bucket.level(3_600_000)).toBe(60);
  });

  it('says that what exceeds it never fits', () => {
    expect(new TokenBucket(10, 60_000, 0).waitMs(11, 0)).toBe(Infinity);
  });

  it('never gives out more than it held and was refilled with, and its wait is exact', () => {
    const step = fc.record({ afterMs: fc.nat(5_000), units: fc.integer({ min: 1, max: 40 }) });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
        const bucket = new TokenBucket(40, 10_000, 0);
        let nowMs = 0;
        let given = 0;
        for (const { afterMs, units } of steps) {
          nowMs += afterMs;
          const waitMs = bucket.waitMs(units, nowMs);
          expect(bucket.waitMs(units, nowMs + waitMs)).toBe(0);
          if (waitMs > 1) expect(bucket.waitMs(units, nowMs + waitMs - 1)).toBeGreaterThan(0);
          if (waitMs > 0) continue;
          bucket.take(units, nowMs);
          given += units;
        }
        expect(given).toBeLessThanOrEqual(40 + (nowMs * 40) / 10_000 + 1e-3);
      }),
    );
  });
});
