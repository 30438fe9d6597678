import type { AccountPool } from './account-pool.js';
import type { PooledAccount } from './pooled-account.js';
import { entropyBits } from './scheduling/pick-history.js';

/** How a pool has spread its calls. */
export interface PickSpread {
  /** Picks it is about, at most the last 1,000. */
  readonly picks: number;
  /**
   * Entropy of those picks over the entropy of the weights: 1 when calls follow the weights, 0 when one account takes
   * them all. `null` when there were no picks or there is nothing to spread over.
   */
  readonly entropyRatio: number | null;
}

/**
 * Measures how well the last picks follow the weights of the accounts that were to share them: those in service now, of
 * the tiers that served.
 */
export function pickSpread(pool: AccountPool, nowMs: number): PickSpread {
  const counts = pool.picks.counts();
  const tiers = new Set([...counts.keys()].map(({ tier }) => tier));
  const sharing = pool.accounts.filter((account) => tiers.has(account.tier) && isInService(account, nowMs));
  const targetBits = entropyBits(sharing.map(({ weight }) => weight));
  const pickedBits = entropyBits(sharing.map((account) => counts.get(account) ?? 0));
  return {
    picks: [...counts.values()].reduce((sum, count) => sum + count, 0),
    entropyRatio: targetBits > 0 ? pickedBits / targetBits : null,
  };
}

function isInService(account: PooledAccount, nowMs: number): boolean {
  const { peopleAdmitFromMs, spec } = account;
  return peopleAdmitFromMs <= nowMs && account.bindingStanding(nowMs).isClosed && spec.credentialUsable;
}
