import type { AccountId } from '#kernel';

/** What an account has spent. */
export interface AccountSpend {
  readonly accountId: AccountId;
  /** In the UTC day asked for, nano US dollars. */
  readonly dailyNanoUsd: number;
  /** In the UTC month asked for, nano US dollars. */
  readonly monthlyNanoUsd: number;
}

/** Knows what accounts have spent, also before this process started. Port; the host may bind one, for budgets to outlive restarts. */
export abstract class SpendLedger {
  /**
   * What accounts have spent in the UTC day and month of an instant; those that spent nothing may be left out.
   *
   * @param nowMs ms since the epoch
   * @throws Error when it cannot be told now
   */
  abstract spentBy(accountIds: readonly AccountId[], nowMs: number): Promise<readonly AccountSpend[]>;
}
