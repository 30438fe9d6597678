import type { SelectionStrategy } from './strategy.js';

/** Draws made for a second candidate that is not the first again. */
const draws = 3;

/**
 * Power of two choices: of two accounts drawn by chance the one with the shorter time to first byte of late. Never a rush
 * on the fastest one; and as what is known fades, a slow one is tried again.
 */
export const lowestLatency: SelectionStrategy = {
  name: 'lowest-latency',
  pull: ({ slowness }) => 1 / slowness,
  pick(roster, random) {
    const one = roster.any(random);
    let other = one;
    for (let draw = 0; draw < draws && other === one; draw += 1) other = roster.any(random);
    return other.slowness < one.slowness ? other : one;
  },
};
