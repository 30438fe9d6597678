import type { ApiKeyId } from '#kernel';

/** Knows what keys have spent, in all processes. Port; the host may bind one, for budgets to outlive restarts and to be shared. */
export abstract class KeySpendLedger {
  /**
   * What keys have spent in a span of time, nano US dollars; those that spent nothing may be left out.
   *
   * @param fromMs ms since the epoch
   * @param toMs ms since the epoch, exclusive
   * @throws Error when it cannot be told now
   */
  abstract spentBy(
    apiKeyIds: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<ApiKeyId, number>>;
}
