import type { SelectionStrategy } from './strategy.js';

/** Plain ring: the candidate whose last turn is longest ago, whatever its weight. Deterministic. */
export const circular: SelectionStrategy = {
  name: 'circular',
  pull: () => 1,
  pick(candidates) {
    let chosen = candidates[0] as (typeof candidates)[number];
    let newestTurn = 0;
    for (const candidate of candidates) {
      if (Number.isNaN(candidate.memory)) candidate.memory = 0;
      newestTurn = Math.max(newestTurn, candidate.memory);
      if (candidate.memory < chosen.memory) chosen = candidate;
    }
    chosen.memory = newestTurn + 1;
    return chosen;
  },
};
