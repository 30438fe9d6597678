import type { SelectionStrategy } from './strategy.js';

/** Plain ring: the candidate whose last turn is longest ago, whatever its weight. Deterministic. */
export const circular: SelectionStrategy = {
  name: 'circular',
  pull: () => 1,
  pick: (roster) => roster.first(),
};
