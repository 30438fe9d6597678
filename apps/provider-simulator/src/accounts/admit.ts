import type { Account } from './account.js';
import type { Cost, Shortage } from './quota.js';

/** Why an account's limits refuse a call. */
export type LimitRefusal =
  | { readonly kind: 'credit_spent' }
  | { readonly kind: 'too_many_at_once'; readonly limit: number }
  | { readonly kind: 'limited'; readonly shortage: Shortage };

/**
 * Takes the call's cost from every bucket of the account, or none of it. A refused call costs nothing.
 *
 * @returns the refusal, or undefined when the call may run; then {@link release} must follow
 */
export function admit(account: Account, cost: Cost, nowMs: number): LimitRefusal | undefined {
  if (account.isSpent) return { kind: 'credit_spent' };
  let worst: Shortage | undefined;
  for (const quota of account.quotas) {
    if (quota.running >= quota.maxConcurrency) {
      return { kind: 'too_many_at_once', limit: quota.maxConcurrency };
    }
    const shortage = quota.shortage(cost, nowMs);
    if (shortage && shortage.waitMs > (worst?.waitMs ?? 0)) worst = shortage;
  }
  if (worst) return { kind: 'limited', shortage: worst };
  for (const quota of account.quotas) {
    quota.take(cost, nowMs);
    quota.running++;
  }
  return undefined;
}

/** Gives back the place of a call that has ended. */
export function release(account: Account): void {
  for (const quota of account.quotas) quota.running--;
}
