import type { SelectionStrategy } from './strategy.js';

/**
 * Smooth weighted round robin: deterministic, by configured weight alone. Each pick adds every candidate's weight to its
 * credit; the highest credit wins and pays the sum. 5:1:1 gives a a b a c a a, not five in a row.
 */
export const weightedRoundRobin: SelectionStrategy = {
  name: 'weighted-round-robin',
  pull: (candidate) => candidate.weight,
  pick(candidates) {
    let chosen = candidates[0] as (typeof candidates)[number];
    let total = 0;
    for (const candidate of candidates) {
      if (Number.isNaN(candidate.memory)) candidate.memory = 0;
      candidate.memory += candidate.weight;
      total += candidate.weight;
      if (candidate.memory > chosen.memory) chosen = candidate;
    }
    chosen.memory -= total;
    return chosen;
  },
};
