import { Inject, Injectable, Optional, type OnApplicationBootstrap } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { CLOCK, type AccountId, type Clock } from '#kernel';
import { Logger } from '#observability';
import { SpendLedger } from '../contract/spend-ledger.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { PoolStateStore } from './pool-state-store.js';

const minuteMs = 60_000;
/** The second look finds what a killed process left in its journal: it is in the ledger by then. */
const looksPerAccount = 2;

/** Lets budgets outlive restarts: tells the pools what accounts with a budget had spent before this process. */
@Injectable()
export class SpendRestorer implements OnApplicationBootstrap {
  private readonly looks = new Map<AccountId, number>();

  constructor(
    private readonly states: PoolStateStore,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() @Inject(SpendLedger) private readonly ledger: SpendLedger | null,
    directory: PoolDirectory,
  ) {
    directory.follow(({ accounts }) => this.follow(accounts));
  }

  /** Before the first call. */
  onApplicationBootstrap(): Promise<void> {
    return this.restore();
  }

  /** Takes in the past of accounts that got a budget since; with the ledger away, it is tried again. */
  @Interval(minuteMs)
  async restore(): Promise<void> {
    const dueIds = [...this.looks].filter(([, looks]) => looks < looksPerAccount).map(([id]) => id);
    if (dueIds.length === 0 || this.ledger === null) return;
    const nowMs = this.clock.nowMs();
    try {
      const spends = await this.ledger.spentBy(dueIds, nowMs);
      this.states.restoreSpends(
        spends.map((spend) => ({ ...spend, atMs: nowMs })),
        nowMs,
      );
      for (const id of dueIds) this.looks.set(id, (this.looks.get(id) ?? 0) + 1);
    } catch (error) {
      this.logger.warn('what accounts have spent could not be read; it will be tried again', { error });
    }
  }

  private follow(accounts: ReadonlyMap<AccountId, PoolAccount>): void {
    for (const id of this.looks.keys()) if (!accounts.has(id)) this.looks.delete(id);
    for (const { spec } of accounts.values()) {
      const { dailyNanoUsd, monthlyNanoUsd } = spec.budget;
      const isBounded = dailyNanoUsd !== null || monthlyNanoUsd !== null;
      if (isBounded && !this.looks.has(spec.id)) this.looks.set(spec.id, 0);
    }
  }
}
