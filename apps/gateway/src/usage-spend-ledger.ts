import { Global, Injectable, Module } from '@nestjs/common';
import { UsageReports } from '#billing';
import { asId, type AccountId } from '#kernel';
import { SpendLedger, type AccountSpend } from '#provider-account-pool';

/** The ledger of usage, read for the budgets of accounts. */
@Injectable()
export class UsageSpendLedger extends SpendLedger {
  constructor(private readonly reports: UsageReports) {
    super();
  }

  async spentBy(accountIds: readonly AccountId[], nowMs: number): Promise<readonly AccountSpend[]> {
    const now = new Date(nowMs);
    const monthFromMs = Date.UTC(now.getUTCFullYear(), now.getUTCMonth());
    const dayFromMs = now.setUTCHours(0, 0, 0, 0);
    const costs = await this.reports.costByAccount(accountIds, monthFromMs, dayFromMs);
    return costs.map(({ accountId, sinceFirst, sinceSecond }) => ({
      accountId: asId<'Account'>(accountId),
      monthlyNanoUsd: Number(sinceFirst),
      dailyNanoUsd: Number(sinceSecond),
    }));
  }
}

/** Binds the pool's port to billing: neither lib knows the other. */
@Global()
@Module({ providers: [{ provide: SpendLedger, useClass: UsageSpendLedger }], exports: [SpendLedger] })
export class SpendLedgerModule {}
