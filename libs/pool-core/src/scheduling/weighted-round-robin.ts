import type { SelectionStrategy } from './strategy.js';

/** Smooth weighted round robin: deterministic, by configured weight alone. 5:1:1 gives a a a b a a c, not five in a row. */
export const weightedRoundRobin: SelectionStrategy = {
  name: 'weighted-round-robin',
  pull: ({ weight }) => weight,
  pick: (roster) => roster.first(),
};
