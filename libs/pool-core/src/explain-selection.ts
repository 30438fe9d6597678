import type { AccountId } from '#kernel';
import type { RefusalReason } from './account.js';
import type { AccountPool } from './account-pool.js';
import { preferredShares } from './affinity/affinity.js';
import type { Ask } from './ask.js';
import { firstObstacle, isAdmissible } from './eligibility.js';
import type { PooledAccount } from './pooled-account.js';

/** What would become of an ask at one account. */
export interface AccountExplanation {
  readonly accountId: AccountId;
  readonly tier: number;
  readonly eligible: boolean;
  /** First thing in the way; `null` when eligible. */
  readonly reason: RefusalReason | null;
  /** When that ends, ms since the epoch; `null` when eligible or when only an event ends it. */
  readonly untilMs: number | null;
  /** Predicted share of such asks, in [0, 1]; 0 for an eligible account of a higher tier than the one that serves. */
  readonly share: number;
}

/** Says of every account what `selectAccount` would make of it now, by the same rules, without changing anything. */
export function explainSelection(pool: AccountPool, ask: Ask, nowMs: number): AccountExplanation[] {
  const shares = predictedShares(pool, ask, nowMs);
  return pool.accounts.map((account) => {
    const obstacle = firstObstacle(account, ask, nowMs);
    return {
      accountId: account.id,
      tier: account.tier,
      eligible: obstacle === null,
      reason: obstacle?.reason ?? null,
      untilMs: obstacle?.untilMs ?? null,
      share: shares.get(account) ?? 0,
    };
  });
}

/** What affinity prefers comes first, if it is of the tier that serves; the strategy shares out the rest. */
function predictedShares(pool: AccountPool, ask: Ask, nowMs: number): Map<PooledAccount, number> {
  const competing = competingAccounts(pool, ask, nowMs);
  const preferred = preferredShares(pool, ask, nowMs);
  const [first] = preferred.keys();
  const shares = first?.tier === competing[0]?.tier ? preferred : new Map<PooledAccount, number>();
  const rest = 1 - [...shares.values()].reduce((sum, share) => sum + share, 0);
  const { strategy } = pool.options;
  const ranks = competing.map((account) => strategy.rank?.(account) ?? 0);
  const foremost = Math.min(...ranks);
  const pulls = competing.map((account, at) => (ranks[at] === foremost ? strategy.pull(account) : 0));
  const total = pulls.reduce((sum, one) => sum + one, 0);
  for (const [at, account] of competing.entries()) {
    shares.set(account, (shares.get(account) ?? 0) + (rest * (pulls[at] as number)) / total);
  }
  return shares;
}

/** Those that can admit a call now, all of the lowest tier that has any, measured for a strategy. */
function competingAccounts(pool: AccountPool, ask: Ask, nowMs: number): readonly PooledAccount[] {
  const admissible = pool.accounts.filter((account) => isAdmissible(account, ask, nowMs));
  const competing = admissible.filter(({ tier }) => tier === admissible[0]?.tier);
  for (const account of competing) account.measure(pool.options.breaker.minimumCalls, nowMs);
  return competing;
}
