import type { Supply } from './supply.js';
import type { Absence, CallerTally, Casualty, Witness } from './witness.js';

/** What a run comes to. Shares in [0, 1] unless said. */
export interface Figures {
  readonly calls: number;
  /** Units wanted over those the accounts refilled: what rho came to. */
  readonly load: number;
  /** Units served over what a fluid of them could have been served. */
  readonly goodput: number;
  /** Upstream calls that knowledge would have avoided, per 1,000 calls. */
  readonly wastedPerMille: number;
  /** Refused while an account could have taken the call, per 1,000 calls. */
  readonly refusedInVainPerMille: number;
  readonly refusedPerMille: number;
  /** When a call was refused: what stood idle of all limits, beyond a safety margin and what those who waited wanted; the mean. */
  readonly idleWhenRefused: number;
  /** Calls that ended in a failure of a provider, per 1,000. */
  readonly brokenPerMille: number;
  /** What each account or organisation served over what it refilled. */
  readonly utilisation: Readonly<Record<string, number>>;
  /** Most used account less least used, of what each could serve. */
  readonly utilisationSpread: number;
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  /** The longest that a call was kept beyond its caller's patience, ms. */
  readonly mostOverdueMs: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** Prompt tokens read from a cache over those that one account alone would have had there; 1 when there were none. */
  readonly cacheHits: number;
  /** Jain's index of what callers got, over their weight, who wanted more than their fair share; 1 is even. */
  readonly jain: number;
  /** What the heaviest caller got over its fair share. */
  readonly heaviestShare: number;
  /** Of the calls that came back when they were told to, the share that was served then; 1 when there were none. */
  readonly servedOnReturn: number;
  /** Time a call was kept away longer than need be, over the time it was kept away; the median. */
  readonly returnSlack: number;
  readonly casualties: readonly Casualty[];
  /** What the policy still held when all was over. */
  readonly leftovers: readonly string[];
  /** All that each account has served since the run began, tokens. */
  readonly servedTokens: Readonly<Record<string, number>>;
}

/** Sums up a run. */
export function figuresOf(
  witness: Witness,
  supply: Supply,
  held: Pick<Figures, 'leftovers' | 'servedTokens'>,
): Figures {
  const refill = [...supply.refill.values()].reduce((sum, one) => sum + one, 0);
  const utilisation = utilisationOf(witness, supply);
  const perMille = (count: number): number => (1_000 * count) / witness.calls;
  const waits = witness.waitsMs.toSorted((a, b) => a - b);
  const latencies = witness.latenciesMs.toSorted((a, b) => a - b);
  return {
    calls: witness.calls,
    load: witness.wantedUnits / refill,
    goodput: witness.servedUnits / Math.min(witness.wantedUnits, supply.fluid),
    wastedPerMille: perMille(witness.wasted),
    refusedInVainPerMille: perMille(witness.refusedInVain),
    idleWhenRefused: witness.refused === 0 ? 0 : witness.idleShares / witness.refused,
    refusedPerMille: perMille(witness.refused),
    brokenPerMille: perMille(witness.broken),
    utilisation,
    utilisationSpread: spreadOf(Object.values(utilisation)),
    waitP50Ms: quantile(waits, 0.5),
    waitP99Ms: quantile(waits, 0.99),
    mostOverdueMs: witness.mostOverdueMs,
    latencyP50Ms: quantile(latencies, 0.5),
    latencyP99Ms: quantile(latencies, 0.99),
    cacheHits: witness.cachableTokens === 0 ? 1 : witness.cachedTokens / witness.cachableTokens,
    ...fairness(witness),
    servedOnReturn: witness.returned === 0 ? 1 : witness.servedOnReturn / witness.returned,
    returnSlack: quantile(
      witness.absences.map(slackOf).sort((a, b) => a - b),
      0.5,
    ),
    casualties: witness.casualties,
    ...held,
  };
}

function slackOf({ fromMs, untilMs, couldServeMs }: Absence): number {
  return (untilMs - (couldServeMs ?? untilMs)) / (untilMs - fromMs);
}

function utilisationOf({ unitsByLimited }: Witness, { refill }: Supply): Record<string, number> {
  return Object.fromEntries([...refill].map(([id, units]) => [id, (unitsByLimited.get(id) ?? 0) / units]));
}

const spreadOf = (shares: readonly number[]): number =>
  shares.length === 0 ? 0 : Math.max(...shares) - Math.min(...shares);

function fairness({ callers, servedUnits }: Witness): { jain: number; heaviestShare: number } {
  const tallies = [...callers.values()].sort((a, b) => a.wanted / a.weight - b.wanted / b.weight);
  const share = fairShare(tallies, servedUnits);
  const backlogged = tallies
    .filter(({ wanted, weight }) => wanted > share * weight)
    .map(({ served, weight }) => served / weight);
  const sum = backlogged.reduce((total, one) => total + one, 0);
  const squares = backlogged.reduce((total, one) => total + one * one, 0);
  return {
    jain: squares === 0 ? 1 : (sum * sum) / (backlogged.length * squares),
    heaviestShare: Number.isFinite(share) ? heaviestOf(tallies) / share : 1,
  };
}

function heaviestOf(tallies: readonly CallerTally[]): number {
  const heaviest = tallies.at(-1);
  return heaviest === undefined ? 0 : heaviest.served / heaviest.weight;
}

/**
 * The level at which everybody gets what he wants or that level times his weight, and all is given away.
 *
 * @param tallies by what they want over their weight, ascending
 */
function fairShare(tallies: readonly CallerTally[], total: number): number {
  let left = total;
  let weights = tallies.reduce((sum, { weight }) => sum + weight, 0);
  for (const { wanted, weight } of tallies) {
    const level = left / weights;
    if (wanted > level * weight) return level;
    left -= wanted;
    weights -= weight;
  }
  return Infinity;
}

/** @param sorted ascending */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
