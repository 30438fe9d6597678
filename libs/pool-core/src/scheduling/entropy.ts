import type { Candidate, SelectionStrategy } from './strategy.js';

/** How far, in picks, chance may advance an account before its turn. Changes the order, not the shares. */
const shufflePicks = 1;
/** Fraction of the golden ratio: multiples of it, modulo 1, spread one random number evenly over all candidates. */
const golden = 0.618_033_988_749_895;

const pull = (candidate: Candidate): number => candidate.weight * candidate.headroom * candidate.health;

/**
 * Low-variance weighted distribution, the default. With each pick every candidate earns its share of one turn, and the
 * one whose turn is due first pays a whole one. So each is picked its share of any span of picks, give or take two
 * (9:1 gives 90 +/- 2 of any 100). Chance decides where an account starts in its turn, and which of two that are due
 * together goes first: replicas do not march in step.
 */
export const entropy: SelectionStrategy = {
  name: 'entropy',
  pull,
  pick(candidates, random) {
    const chosen = takeTurn(candidates, sumOfPulls(candidates, random), random());
    chosen.memory -= 1;
    return chosen;
  },
};

function sumOfPulls(candidates: readonly Candidate[], random: () => number): number {
  let total = 0;
  for (const candidate of candidates) {
    if (Number.isNaN(candidate.memory)) candidate.memory = random();
    total += pull(candidate);
  }
  return total;
}

/** Gives every candidate its share of one turn. @returns the one whose turn was due first */
function takeTurn<Some extends Candidate>(
  candidates: readonly Some[],
  totalPull: number,
  dice: number,
): Some {
  let chosen = candidates[0] as Some;
  let earliest = Infinity;
  let chance = dice;
  for (const candidate of candidates) {
    const share = pull(candidate) / totalPull;
    const dueInPicks = (1 - candidate.memory) / share + shufflePicks * chance;
    if (dueInPicks < earliest) {
      earliest = dueInPicks;
      chosen = candidate;
    }
    candidate.memory += share;
    chance = chance < 1 - golden ? chance + golden : chance + golden - 1;
  }
  return chosen;
}
