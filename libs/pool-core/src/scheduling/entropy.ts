import type { Candidate, SelectionStrategy } from './strategy.js';

/** However full, an admissible account keeps this share of its pull: it would be seen too late to recover. */
const leastOfFull = 0.1;
/** However ill, too. */
const leastOfIll = 0.02;
/** Up to this multiple of the usual time to first byte, differences are noise. */
const tolerableSlowness = 2.5;
/** However slow, it is tried this often: seldom enough that 99 of 100 callers do not notice. */
const leastOfSlow = 0.005;

/**
 * Low-variance weighted distribution, the default: by turns, at a pace of weight x headroom x health x speed. Each account
 * is picked its share of any span of equal calls, give or take two (9:1 gives 90 +/- 2 of any 100). Chance decides where an
 * account starts and when in its span its turn comes: replicas do not march in step.
 */
export const entropy: SelectionStrategy = {
  name: 'entropy',
  shuffle: 0.05,
  weighsCalls: true,
  pull: ({ weight, headroom, health, slowness }) =>
    weight * Math.max(leastOfFull, headroom) * soundness(health) * speed(slowness),
  pick: (roster) => roster.first(),
};

/** Each failed call costs a detour: an account of which three calls in ten fail gets a seventeenth of its share. */
function soundness(health: number): number {
  return health === 1 ? 1 : Math.max(leastOfIll, health ** 8);
}

/** 1 for the usual and up to 2.5 times as slow; 0.1 at 4.4 times, 0.005 from 9.4 times on. */
function speed(slowness: Candidate['slowness']): number {
  if (slowness <= tolerableSlowness) return 1;
  return Math.max(leastOfSlow, (tolerableSlowness / slowness) ** 4);
}
