import type { AccountId } from '#kernel';
import type { AccountPool } from './account-pool.js';
import { dayEndMs, monthEndMs } from './budget/calendar.js';

/** What an account has spent; plain JSON. */
export interface SavedSpend {
  readonly accountId: AccountId;
  /** When it was so, ms since the epoch: tells which UTC day and month it is about. */
  readonly atMs: number;
  /** In that day, nano US dollars. */
  readonly dailyNanoUsd: number;
  /** In that month, nano US dollars. */
  readonly monthlyNanoUsd: number;
}

/** What the accounts of a pool have spent in this UTC day and month; those that spent nothing are left out. */
export function dumpSpend(pool: AccountPool, nowMs: number): SavedSpend[] {
  return pool.accounts.flatMap(({ id, budget }) => {
    const [dailyNanoUsd, monthlyNanoUsd] = [budget.dailySpent(nowMs), budget.monthlySpent(nowMs)];
    return monthlyNanoUsd > 0 ? [{ accountId: id, atMs: nowMs, dailyNanoUsd, monthlyNanoUsd }] : [];
  });
}

/**
 * Puts back what was spent before a restart: as it was dumped, or as the usage ledger has it. What belongs to a day or
 * month that is over does not count, and what is known already is never lowered; accounts that the pool does not have
 * are passed over.
 */
export function restoreSpend(pool: AccountPool, spends: readonly SavedSpend[], nowMs: number): void {
  for (const { accountId, atMs, dailyNanoUsd, monthlyNanoUsd } of spends) {
    const isToday = dayEndMs(atMs) === dayEndMs(nowMs);
    const isThisMonth = monthEndMs(atMs) === monthEndMs(nowMs);
    pool
      .account(accountId)
      ?.budget.restore(isToday ? dailyNanoUsd : 0, isThisMonth ? monthlyNanoUsd : 0, nowMs);
  }
}
