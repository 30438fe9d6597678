import type { Absence, Casualty, Witness } from './witness.js';

/** What a run comes to. Shares in [0, 1] unless said. */
export interface Figures {
  readonly calls: number;
  /** Tokens wanted over those the accounts refilled: what rho came to. */
  readonly load: number;
  /** Tokens served over what a fluid of tokens could have been served. */
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
  /** Most used account less least used, of what each could serve. */
  readonly utilisationSpread: number;
  readonly waitP50Ms: number;
  readonly waitP99Ms: number;
  readonly latencyP50Ms: number;
  readonly latencyP99Ms: number;
  /** Prompt tokens read from a cache over those that one account alone would have had there; 1 when there were none. */
  readonly cacheHits: number;
  /** Jain's index of what callers got who wanted more than their fair share; 1 is even. */
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
}

/** What the accounts could have served in the measured span. */
export interface Supply {
  /** There when it began, tokens. */
  readonly stockTokens: number;
  /** Refilled while it lasted, by account or organisation. */
  readonly refillTokens: ReadonlyMap<string, number>;
}

/** Sums up a run. */
export function figuresOf(witness: Witness, supply: Supply, leftovers: readonly string[]): Figures {
  const refill = [...supply.refillTokens.values()].reduce((sum, one) => sum + one, 0);
  const fluid = Math.min(witness.wantedTokens, supply.stockTokens + refill);
  const perMille = (count: number): number => (1_000 * count) / witness.calls;
  const waits = witness.waitsMs.toSorted((a, b) => a - b);
  const latencies = witness.latenciesMs.toSorted((a, b) => a - b);
  return {
    calls: witness.calls,
    load: witness.wantedTokens / refill,
    goodput: witness.servedTokens / fluid,
    wastedPerMille: perMille(witness.wasted),
    refusedInVainPerMille: perMille(witness.refusedInVain),
    idleWhenRefused: witness.refused === 0 ? 0 : witness.idleShares / witness.refused,
    refusedPerMille: perMille(witness.refused),
    brokenPerMille: perMille(witness.broken),
    utilisationSpread: spreadOf(witness, supply),
    waitP50Ms: quantile(waits, 0.5),
    waitP99Ms: quantile(waits, 0.99),
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
    leftovers,
  };
}

function slackOf({ fromMs, untilMs, couldServeMs }: Absence): number {
  return (untilMs - (couldServeMs ?? untilMs)) / (untilMs - fromMs);
}

function spreadOf({ tokensByLimited }: Witness, { refillTokens }: Supply): number {
  const shares = [...refillTokens].map(([id, refill]) => (tokensByLimited.get(id) ?? 0) / refill);
  return shares.length === 0 ? 0 : Math.max(...shares) - Math.min(...shares);
}

function fairness({ callers, servedTokens }: Witness): { jain: number; heaviestShare: number } {
  const tallies = [...callers.values()].sort((a, b) => a.wanted - b.wanted);
  const share = fairShare(
    tallies.map(({ wanted }) => wanted),
    servedTokens,
  );
  const backlogged = tallies.filter(({ wanted }) => wanted > share).map(({ served }) => served);
  const sum = backlogged.reduce((total, one) => total + one, 0);
  const squares = backlogged.reduce((total, one) => total + one * one, 0);
  return {
    jain: squares === 0 ? 1 : (sum * sum) / (backlogged.length * squares),
    heaviestShare: Number.isFinite(share) ? (tallies.at(-1)?.served ?? 0) / share : 1,
  };
}

/** The level at which everybody gets what he wants or that level, and all is given away. @param wants ascending */
function fairShare(wants: readonly number[], total: number): number {
  let left = total;
  for (const [at, wanted] of wants.entries()) {
    const level = left / (wants.length - at);
    if (wanted > level) return level;
    left -= wanted;
  }
  return Infinity;
}

/** @param sorted ascending */
function quantile(sorted: readonly number[], share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0;
}
