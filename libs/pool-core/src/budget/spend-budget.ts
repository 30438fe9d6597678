import type { AccountBudget } from '../account.js';
import { dayEndMs, monthEndMs } from './calendar.js';

/** What was spent in one calendar period, and may be. Forgets when the period is over. */
class SpendPeriod {
  limit = Infinity;
  private spent = 0;
  private endsMs = -Infinity;

  constructor(private readonly endOf: (nowMs: number) => number) {}

  spentAt(nowMs: number): number {
    return nowMs < this.endsMs ? this.spent : 0;
  }

  add(cost: number, nowMs: number): void {
    this.set(this.spentAt(nowMs) + cost, nowMs);
  }

  set(spent: number, nowMs: number): void {
    this.spent = spent;
    if (nowMs >= this.endsMs) this.endsMs = this.endOf(nowMs);
  }

  /** From when it lets a cost pass besides what is reserved; `-Infinity` now, `Infinity` when a call must end first. */
  admitsFromMs(cost: number, reserved: number, nowMs: number): number {
    if (this.spentAt(nowMs) + reserved + cost <= this.limit) return -Infinity;
    if (reserved + cost > this.limit) return Infinity;
    return nowMs < this.endsMs ? this.endsMs : this.endOf(nowMs);
  }
}

/**
 * The spend of one account in this UTC day and month, in whole nano US dollars, and the bounds that people set. A cost is
 * reserved as estimated and spent as it was; so a bound is overshot by no more than the estimates of the calls under way
 * were wrong.
 */
export class SpendBudget {
  /** Of calls that have not settled yet. Exactly 0 when none is under way. */
  reserved = 0;
  private readonly day = new SpendPeriod(dayEndMs);
  private readonly month = new SpendPeriod(monthEndMs);
  private isBounded = false;
  /** Spent here since {@link takeUntold}. */
  private untold = 0;

  configure({ dailyNanoUsd, monthlyNanoUsd }: AccountBudget): void {
    this.day.limit = dailyNanoUsd ?? Infinity;
    this.month.limit = monthlyNanoUsd ?? Infinity;
    this.isBounded = dailyNanoUsd !== null || monthlyNanoUsd !== null;
  }

  /**
   * From when a call is within both bounds.
   *
   * @param cost `null` when nobody knows it: such a call passes until a bound is reached
   * @returns `-Infinity` when now, `Infinity` when a call must end first or it is too expensive for ever
   */
  admitsFromMs(cost: number | null, nowMs: number): number {
    if (!this.isBounded || cost === 0) return -Infinity;
    return Math.max(
      this.day.admitsFromMs(cost ?? 1, this.reserved, nowMs),
      this.month.admitsFromMs(cost ?? 1, this.reserved, nowMs),
    );
  }

  /** Which bound is in the way of a call that is not admitted. */
  bindingBound(cost: number | null, nowMs: number): 'budget_daily' | 'budget_monthly' {
    const { day, month, reserved } = this;
    const monthlyFromMs = month.admitsFromMs(cost ?? 1, reserved, nowMs);
    return monthlyFromMs > day.admitsFromMs(cost ?? 1, reserved, nowMs) ? 'budget_monthly' : 'budget_daily';
  }

  reserve(cost: number): void {
    if (cost !== 0) this.reserved += cost;
  }

  /** Replaces what was reserved by what it came to. */
  settle(reserved: number, cost: number, nowMs: number): void {
    if (reserved !== 0) this.reserved -= reserved;
    if (cost === 0) return;
    this.untold += cost;
    this.add(cost, nowMs);
  }

  /** Adds what calls elsewhere have cost. */
  add(cost: number, nowMs: number): void {
    this.day.add(cost, nowMs);
    this.month.add(cost, nowMs);
  }

  /** @returns what calls here have cost since it was last asked, nano US dollars */
  takeUntold(): number {
    const { untold } = this;
    this.untold = 0;
    return untold;
  }

  /** Spent in this UTC day, nano US dollars. */
  dailySpent(nowMs: number): number {
    return this.day.spentAt(nowMs);
  }

  /** Spent in this UTC month, nano US dollars. */
  monthlySpent(nowMs: number): number {
    return this.month.spentAt(nowMs);
  }

  /** Takes in what was spent before a restart; what is known already is never lowered. */
  restore(daily: number, monthly: number, nowMs: number): void {
    this.day.set(Math.max(daily, this.day.spentAt(nowMs)), nowMs);
    this.month.set(Math.max(monthly, this.month.spentAt(nowMs)), nowMs);
  }
}
