import type { Candidate, SelectionStrategy } from './strategy.js';

/** How far, in picks, chance may advance an account before its turn. Changes the order, not the shares. */
const shufflePicks = 1;
/** Fraction of the golden ratio: multiples of it, modulo 1, spread one random number evenly over all candidates. */
const golden = 0.618_033_988_749_895;

const pull = (candidate: Candidate): number => candidate.weight * candidate.headroom * candidate.health;

/**
 * Low-variance weighted distribution, the default. With each pick every candidate earns its share of one turn, and the
 * one whose turn is due first pays a whole one. So each is picked its share of any span of picks, give or take one
 * (9:1 gives 90 +/- 1 of any 100), which is the least an integer count can stray. Chance decides where an account
 * starts in its turn, and which of two that are due together goes first: replicas do not march in step.
 */
export const entropy: SelectionStrategy = {
  name: 'entropy',
  pull,
  pick(candidates, random) {
    const totalPull = sumOfPulls(candidates, random);
    const chosen = firstDue(candidates, shufflePicks / totalPull, random());
    for (const candidate of candidates) candidate.memory += pull(candidate) / totalPull;
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

function firstDue<Some extends Candidate>(candidates: readonly Some[], shuffle: number, dice: number): Some {
  let chosen = candidates[0] as Some;
  let earliest = Infinity;
  let chance = dice;
  for (const candidate of candidates) {
    const due = (1 - candidate.memory) / pull(candidate) + shuffle * chance;
    if (due < earliest) {
      earliest = due;
      chosen = candidate;
    }
    chance = chance < 1 - golden ? chance + golden : chance + golden - 1;
  }
  return chosen;
}
