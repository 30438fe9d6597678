import { Global, Injectable, Module } from '@nestjs/common';
import { KeySpendLedger } from '#api-keys';
import { UsageReports } from '#billing';
import { asId, type AccountId, type ApiKeyId } from '#kernel';
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

/** The ledger of usage, read for the budgets of system keys. */
@Injectable()
export class UsageKeySpendLedger extends KeySpendLedger {
  constructor(private readonly reports: UsageReports) {
    super();
  }

  async spentBy(
    apiKeyIds: readonly string[],
    fromMs: number,
    toMs: number,
  ): Promise<ReadonlyMap<ApiKeyId, number>> {
    const costs = await this.reports.costByApiKey(apiKeyIds, fromMs, toMs);
    return new Map([...costs].map(([id, cost]) => [asId<'ApiKey'>(id), Number(cost)]));
  }
}

/** Binds the ports of the pool and of system keys to billing: neither lib knows the other. */
@Global()
@Module({
  providers: [
    { provide: SpendLedger, useClass: UsageSpendLedger },
    { provide: KeySpendLedger, useClass: UsageKeySpendLedger },
  ],
  exports: [SpendLedger, KeySpendLedger],
})
export class SpendLedgerModule {}
