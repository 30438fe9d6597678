import { Inject, Injectable, Optional } from '@nestjs/common';
import { Interval } from '@nestjs/schedule';
import { asId, CLOCK, type Clock } from '#kernel';
import { Logger } from '#observability';
import { startOfDay, startOfMonth, type KeyBudget } from './key-budget.js';
import { KeyMeters } from './key-meters.js';
import { KeySpendLedger } from './key-spend-ledger.js';

/** How late spending of other processes is known. */
const everyMs = 15_000;
const dayMs = 86_400_000;

/** Tells the budgets of keys what was spent before this process started, and what others spend beside it. */
@Injectable()
export class SpendReader {
  constructor(
    private readonly meters: KeyMeters,
    private readonly logger: Logger,
    @Inject(CLOCK) private readonly clock: Clock,
    @Optional() @Inject(KeySpendLedger) private readonly ledger: KeySpendLedger | null,
  ) {}

  /** Reads for the budgets that know nothing yet, so that no call of their keys passes unbounded. Never rejects. */
  readNew(): Promise<void> {
    const nowMs = this.clock.nowMs();
    return this.readFor(
      new Map([...this.meters.budgets()].filter(([, budget]) => budget.isIgnorantOf(nowMs))),
    );
  }

  /** Never rejects: with the ledger away, budgets go on with what they know. */
  @Interval(everyMs)
  read(): Promise<void> {
    return this.readFor(this.meters.budgets());
  }

  private async readFor(budgets: ReadonlyMap<string, KeyBudget>): Promise<void> {
    if (budgets.size === 0 || this.ledger === null) return;
    const nowMs = this.clock.nowMs();
    const today = startOfDay(nowMs);
    const ignorant = [...budgets].filter(([, budget]) => budget.isIgnorantOf(nowMs)).map(([id]) => id);
    try {
      if (ignorant.length > 0) {
        const earlier = await this.ledger.spentBy(ignorant, startOfMonth(nowMs), today);
        for (const id of ignorant) budgets.get(id)?.learnEarlier(earlier.get(asId<'ApiKey'>(id)) ?? 0, nowMs);
      }
      const spent = await this.ledger.spentBy([...budgets.keys()], today, today + dayMs);
      for (const [id, nanoUsd] of spent) budgets.get(id)?.learnToday(nanoUsd, nowMs);
    } catch (error) {
      this.logger.warn('what API keys have spent could not be read; it will be tried again', { error });
    }
  }
}
