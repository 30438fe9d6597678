import type { SelectionStrategy } from './strategy.js';

/** The cheapest accounts first, by `costFactor`; dearer ones only while no cheaper one admits. Equals take turns. */
export const lowestCost: SelectionStrategy = {
  name: 'lowest-cost',
  pull: () => 1,
  rank: ({ costFactor }) => costFactor,
  pick: (roster) => roster.first(),
};
