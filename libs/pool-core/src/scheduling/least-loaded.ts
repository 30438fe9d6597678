import type { Candidate, SelectionStrategy } from './strategy.js';

/** Slots that an account without a limit of its own counts as having. */
const unlimitedSlots = 100;

/** The least share of slots in use first: calls under way over calls allowed. Equals take turns. */
export const leastLoaded: SelectionStrategy = {
  name: 'least-loaded',
  pull: (candidate) => slotsOf(candidate),
  rank: (candidate) => candidate.inFlight / slotsOf(candidate),
  pick: (roster) => roster.first(),
};

const slotsOf = ({ maxConcurrency }: Candidate): number =>
  maxConcurrency === Infinity ? unlimitedSlots : maxConcurrency;
