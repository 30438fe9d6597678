import { asId } from '#kernel';
import type { Random } from '#kernel';
import type { Candidate, SelectionStrategy } from './strategy.js';

type Rule = (strategy: SelectionStrategy, random: Random) => string | null;

/**
 * What every strategy must keep, as a check that runs anywhere: in the tests of this library and of any other.
 *
 * @param random uniform in [0, 1); seed it to get the same answer twice
 * @returns the rules that were broken, in words; empty when the strategy may be used
 */
export function strategyFaults(strategy: SelectionStrategy, random: Random): string[] {
  return rules.flatMap((rule) => rule(strategy, random) ?? []);
}

const rules: readonly Rule[] = [
  function nameIsAWord({ name }) {
    return /^[a-z]+(-[a-z]+)*$/.test(name) ? null : `name "${name}" is not lower-case words with hyphens`;
  },
  function onlyCandidateIsPicked(strategy, random) {
    const [only] = someCandidates(1);
    const picked = Array.from({ length: 10 }, () => strategy.pick([only as Candidate], random));
    return picked.every((one) => one === only) ? null : 'the only candidate was not picked';
  },
  function pullIsPositive(strategy) {
    const pulls = [...someCandidates(3), strained(0.01, 0.01)].map((one) => strategy.pull(one));
    return pulls.every((pull) => pull > 0 && pull < Infinity) ? null : `pull is not > 0: ${pulls.join(', ')}`;
  },
  function nobodyStarves(strategy, random) {
    const candidates = someCandidates(20);
    const picked = pickMany(strategy, candidates, 20_000, random);
    const starved = candidates.filter((one) => !picked.has(one));
    return starved.length === 0 ? null : `${starved.length} of 20 candidates were never picked in 20,000`;
  },
  function picksFromTheListAlone(strategy, random) {
    const all = someCandidates(10);
    for (let size = 10; size >= 1; size -= 1) {
      const present = all.slice(10 - size);
      const picked = pickMany(strategy, present, 50, random);
      if (![...picked].every((one) => present.includes(one))) return 'picked what was not on the list';
    }
    return null;
  },
  function comesBackWithoutABurst(strategy, random) {
    const all = someCandidates(4);
    pickMany(strategy, all, 40, random);
    pickMany(strategy, all.slice(1), 1_000, random);
    const picks = Array.from({ length: 40 }, () => strategy.pick(all, random));
    const returned = picks.filter((one) => one === all[0]).length;
    return returned <= 20 ? null : `an account that returned got ${returned} of the next 40 picks of 4`;
  },
  function leavesTheListAlone(strategy, random) {
    const candidates = someCandidates(5);
    const before = [...candidates];
    pickMany(strategy, candidates, 100, random);
    return candidates.every((one, at) => one === before[at]) ? null : 'changed the order of the list';
  },
  function remembersOnlyInMemory(strategy) {
    const alone = namesPicked(strategy, [someCandidates(5)]);
    const besideAnother = namesPicked(strategy, [someCandidates(5), someCandidates(5)]);
    return alone === besideAnother ? null : 'two pools that share the strategy influence each other';
  },
];

function someCandidates(count: number): Candidate[] {
  return Array.from({ length: count }, (_, at) => ({
    id: asId<'Account'>(`account-${at}`),
    weight: 1 + (at % 3),
    headroom: 1,
    health: 1,
    inFlight: 0,
    memory: NaN,
  }));
}

function strained(headroom: number, health: number): Candidate {
  const [candidate] = someCandidates(1);
  return { ...(candidate as Candidate), headroom, health };
}

/** Each pick is a call under way for a moment, so that strategies that go by load see some. */
function pickMany(
  strategy: SelectionStrategy,
  candidates: readonly Candidate[],
  times: number,
  random: Random,
): Set<Candidate> {
  const picked = new Set<Candidate>();
  const underWay: Candidate[] = [];
  for (let pick = 0; pick < times; pick += 1) {
    const chosen = strategy.pick(candidates, random);
    picked.add(chosen);
    underWay.push(started(chosen, 1));
    if (underWay.length > candidates.length) started(underWay.shift() as Candidate, -1);
  }
  for (const one of underWay) started(one, -1);
  return picked;
}

function started(candidate: Candidate, calls: number): Candidate {
  return Object.assign(candidate, { inFlight: candidate.inFlight + calls });
}

/** What the first of several pools picks when all are picked from in turn; each has its own, equal dice. */
function namesPicked(strategy: SelectionStrategy, pools: readonly Candidate[][]): string {
  const dice = pools.map(fixedDice);
  const names = [];
  for (let round = 0; round < 50; round += 1) {
    const [first] = pools.map((pool, at) => strategy.pick(pool, dice[at] as Random));
    names.push(first?.id);
  }
  return names.join();
}

function fixedDice(): Random {
  let state = 0.5;
  return () => (state = (state + 0.754_877_666_246_693) % 1);
}
