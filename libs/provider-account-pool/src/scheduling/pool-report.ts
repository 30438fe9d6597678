import type { AccountId, TokenPrice } from '#kernel';
import { passes, type AccountExplanation, type AccountStatus, type RefusalReason } from '#pool-core';
import type { PoolAccount, ProviderPool } from '../domain/pool-snapshot.js';
import type { PoolStateStore } from './pool-state-store.js';

/** What to explain: a call as a caller would make it who sets no bound on the answer. */
export interface ExplainRequest {
  /** Name of a pool. */
  readonly provider: string;
  /** The model's name at the provider. */
  readonly model: string;
  /** Prompt tokens, >= 0, default 1. */
  readonly estimatedTokens?: number;
  /** Who would call: the answer is taken to be like those it had before. Default: nobody in particular. */
  readonly callerId?: string | null;
  /** List price; without it budgets that are not used up yet do not count the call. */
  readonly price?: TokenPrice | null;
}

/** What a caller would get now: 200, or 429 with the time to wait, or 503. */
export interface WouldAnswer {
  readonly status: 200 | 429 | 503;
  /** Whole seconds, at least 1; only with 429, and only when time alone helps. */
  readonly retryAfterSeconds?: number;
}

/** One account in the light of a call. */
export interface ExplainedAccount {
  readonly accountId: AccountId;
  readonly name: string;
  readonly tier: number;
  readonly eligible: boolean;
  /** `null` when eligible. */
  readonly reason: RefusalReason | null;
  readonly until: Date | null;
  /** Predicted share of such calls, in [0, 1]. */
  readonly share: number;
}

/** What a pool would make of a call. */
export interface PoolExplanation {
  readonly provider: string;
  readonly accounts: readonly ExplainedAccount[];
  readonly wouldAnswer: WouldAnswer;
}

/** Units over all accounts that have such a limit; `null` when none has. */
export interface PoolCapacity {
  readonly limit: number | null;
  readonly remaining: number | null;
}

/** A pool at a glance. */
export interface PoolReport {
  readonly provider: string;
  readonly accounts: {
    readonly total: number;
    readonly eligible: number;
    /** By a person's word when it is not "enabled", else by the machine's. */
    readonly byState: Readonly<Record<string, number>>;
  };
  readonly capacity: {
    readonly rpm: PoolCapacity;
    readonly tpm: PoolCapacity;
    readonly concurrency: PoolCapacity;
  };
  /** When the next account that rests is back; `null` when none rests, or time alone brings none back. */
  readonly nextReturnAt: Date | null;
  readonly wouldAnswer: WouldAnswer;
  /** Evenness of the last picks relative to the weights, 0 to 1; `null` when there were none or there is no choice. */
  readonly entropyRatio: number | null;
}

const nothingKnown: PoolCapacity = { limit: null, remaining: null };

/** The smallest call there is, of a model that no rule excludes. */
const smallestAsk = {
  model: '',
  inputTokens: 1,
  outputTokens: 0,
  price: null,
  affinity: null,
  exclude: new Set<AccountId>(),
};

/** Puts the core's explanation into the words of the admin API. */
export function explainPool(
  { name, accounts }: ProviderPool,
  explanations: readonly AccountExplanation[],
  nowMs: number,
): PoolExplanation {
  const nameOf = new Map(accounts.map((account) => [account.spec.id, account.name]));
  return {
    provider: name,
    accounts: explanations.map(({ accountId, tier, eligible, reason, untilMs, share }) => ({
      accountId,
      name: nameOf.get(accountId) ?? '',
      tier,
      eligible,
      reason,
      until: untilMs === null ? null : new Date(untilMs),
      share,
    })),
    wouldAnswer: wouldAnswer(explanations, nowMs),
  };
}

/** Looks at a pool as a whole. Eligible is what could serve the smallest call of a model that no rule excludes. */
export function reportPool(
  { name, accounts }: ProviderPool,
  states: PoolStateStore,
  nowMs: number,
): PoolReport {
  const statuses = states.statuses(name, nowMs);
  const explanations = states.explain(name, smallestAsk, nowMs);
  const returnsMs = explanations.map(({ untilMs }) => untilMs).filter((untilMs) => untilMs !== null);
  return {
    provider: name,
    accounts: {
      total: statuses.length,
      eligible: explanations.filter(({ eligible }) => eligible).length,
      byState: countByState(statuses, nowMs),
    },
    capacity: {
      rpm: windowCapacity(accounts, statuses, 'rpm'),
      tpm: windowCapacity(accounts, statuses, 'tpm'),
      concurrency: concurrencyCapacity(statuses),
    },
    nextReturnAt: returnsMs.length === 0 ? null : new Date(Math.min(...returnsMs)),
    wouldAnswer: wouldAnswer(explanations, nowMs),
    entropyRatio: states.pickSpread(name, nowMs).entropyRatio,
  };
}

/** The word that counts for an account: a person's "off" comes before the machine's. */
export function stateWord({ human, credentialUsable, machine }: AccountStatus, nowMs: number): string {
  const paused = human.kind === 'paused' && (human.untilMs === null || human.untilMs > nowMs);
  if (human.kind !== 'enabled' && (human.kind !== 'paused' || paused)) return human.kind;
  return credentialUsable ? machine.kind : 'auth_failed';
}

/** Counts accounts by {@link stateWord}. */
export function countByState(statuses: readonly AccountStatus[], nowMs: number): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const status of statuses) {
    const word = stateWord(status, nowMs);
    counts[word] = (counts[word] ?? 0) + 1;
  }
  return counts;
}

function wouldAnswer(explanations: readonly AccountExplanation[], nowMs: number): WouldAnswer {
  if (explanations.some(({ eligible }) => eligible)) return { status: 200 };
  const passing = explanations.filter(({ reason }) => reason !== null && passes(reason));
  if (passing.length === 0) return { status: 503 };
  const instants = passing.flatMap(({ untilMs }) => (untilMs === null ? [] : [untilMs]));
  const earliestMs = instants.length === 0 ? null : Math.min(...instants);
  if (earliestMs === null) return { status: 429 };
  return { status: 429, retryAfterSeconds: Math.max(1, Math.ceil((earliestMs - nowMs) / 1000)) };
}

/** The limit is the configured one, else what was learnt; what remains leaves the safety margin out. */
function windowCapacity(
  accounts: readonly PoolAccount[],
  statuses: readonly AccountStatus[],
  name: 'rpm' | 'tpm',
): PoolCapacity {
  const configured = new Map(accounts.map(({ spec }) => [spec.id, spec.limits[name]]));
  let [limit, remaining, known] = [0, 0, false];
  for (const { accountId, windows } of statuses) {
    const window = windows.find((each) => each.name === name);
    if (window === undefined) continue;
    known = true;
    limit += configured.get(accountId) ?? window.capacity;
    remaining += Math.max(0, window.left);
  }
  return known ? { limit: Math.floor(limit), remaining: Math.floor(remaining) } : nothingKnown;
}

function concurrencyCapacity(statuses: readonly AccountStatus[]): PoolCapacity {
  const limited = statuses.flatMap(({ maxConcurrency, inFlight }) =>
    maxConcurrency === null ? [] : [{ maxConcurrency, inFlight }],
  );
  if (limited.length === 0) return nothingKnown;
  const limit = limited.reduce((total, { maxConcurrency }) => total + maxConcurrency, 0);
  const inFlight = limited.reduce((total, account) => total + account.inFlight, 0);
  return { limit, remaining: Math.max(0, limit - inFlight) };
}
