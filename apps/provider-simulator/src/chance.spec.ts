import { describe, expect, it } from '@jest/globals';
import { drawLatencyMs, seededRandom } from './chance.js';

const draws = (seed: number, count: number) => Array.from({ length: count }, seededRandom(seed));

describe('seeded randomness', () => {
  it('repeats itself for the same seed and differs for another', () => {
    expect(draws(1, 5)).toEqual(draws(1, 5));
    expect(draws(1, 5)).not.toEqual(draws(2, 5));
  });

  it('is uniform in [0, 1)', () => {
    const values = draws(7, 20_000);
    expect(values.every((value) => value >= 0 && value < 1)).toBe(true);
    expect(values.reduce((sum, value) => sum + value, 0) / values.length).toBeCloseTo(0.5, 1);
  });
});

describe('a log-normal latency', () => {
  it('has half of its draws below the median', () => {
    const random = seededRandom(3);
    const latency = { kind: 'log_normal', medianMs: 200, sigma: 0.5 } as const;
    const below = Array.from({ length: 10_000 }, () => drawLatencyMs(latency, random)).filter(
      (ms) => ms < 200,
    );
    expect(below.length / 10_000).toBeCloseTo(0.5, 1);
  });
});
