/** What a key may spend in a UTC day and month, nano US dollars; `null`: without bound. */
export interface BudgetLimits {
  readonly dailyNanoUsd: number | null;
  readonly monthlyNanoUsd: number | null;
}

/** Why a call may not be paid for now. */
export interface BudgetRefusal {
  readonly period: 'day' | 'month';
  readonly retryAfterMs: number;
}

/** How long who is refused for calls under way is told to wait: they may come to less. */
const underWayRetryMs = 1_000;

/** What one key has spent, by UTC days and months. Amounts in nano US dollars, exact up to nine million dollars. */
export class KeyBudget {
  private dayMs = -Infinity;
  private monthMs = -Infinity;
  /** Spent this month before today, as far as known. */
  private earlier = 0;
  private isEarlierTold = false;
  private today = 0;
  private reserved = 0;

  constructor(public limits: BudgetLimits) {}

  /** Whether what was spent earlier this month must still be told by {@link learnEarlier}. */
  isIgnorantOf(nowMs: number): boolean {
    this.turnTo(nowMs);
    return !this.isEarlierTold;
  }

  /**
   * Sets aside what a call may cost. The last call may come to more than is left.
   *
   * @returns why not, or `null`; then {@link settle} must follow
   */
  reserve(costNanoUsd: number, nowMs: number): BudgetRefusal | null {
    this.turnTo(nowMs);
    const { dailyNanoUsd, monthlyNanoUsd } = this.limits;
    const month = this.earlier + this.today;
    const refusal =
      this.refusal('month', monthlyNanoUsd, month, nowMs) ??
      this.refusal('day', dailyNanoUsd, this.today, nowMs);
    if (refusal === null) this.reserved += costNanoUsd;
    return refusal;
  }

  /** Ends a call: what was set aside for it is free, what it cost is spent. */
  settle(reservedNanoUsd: number, costNanoUsd: number, nowMs: number): void {
    this.turnTo(nowMs);
    this.reserved = Math.max(0, this.reserved - reservedNanoUsd);
    this.today += costNanoUsd;
  }

  /** Takes in what was spent this month before today. */
  learnEarlier(nanoUsd: number, nowMs: number): void {
    this.turnTo(nowMs);
    this.earlier = Math.max(this.earlier, nanoUsd);
    this.isEarlierTold = true;
  }

  /**
   * Takes in what all replicas together spent today. It may lack what this one spent last, which is in the ledger only a
   * little later, so that the larger of both counts.
   */
  learnToday(nanoUsd: number, nowMs: number): void {
    this.turnTo(nowMs);
    this.today = Math.max(this.today, nanoUsd);
  }

  private refusal(
    period: BudgetRefusal['period'],
    limit: number | null,
    spent: number,
    nowMs: number,
  ): BudgetRefusal | null {
    if (limit === null) return null;
    if (spent >= limit) return { period, retryAfterMs: endOf(period, nowMs) - nowMs };
    return spent + this.reserved >= limit ? { period, retryAfterMs: underWayRetryMs } : null;
  }

  private turnTo(nowMs: number): void {
    const dayMs = startOfDay(nowMs);
    if (dayMs <= this.dayMs) return;
    const monthMs = startOfMonth(nowMs);
    this.earlier = monthMs === this.monthMs ? this.earlier + this.today : 0;
    this.isEarlierTold = false;
    this.today = 0;
    this.dayMs = dayMs;
    this.monthMs = monthMs;
  }
}

/** Start of the UTC day of an instant, ms since the epoch. */
export const startOfDay = (atMs: number): number => new Date(atMs).setUTCHours(0, 0, 0, 0);

/** Start of the UTC month of an instant, ms since the epoch. */
export function startOfMonth(atMs: number): number {
  const at = new Date(atMs);
  return Date.UTC(at.getUTCFullYear(), at.getUTCMonth());
}

function endOf(period: BudgetRefusal['period'], atMs: number): number {
  const at = new Date(atMs);
  const [year, month, day] = [at.getUTCFullYear(), at.getUTCMonth(), at.getUTCDate()];
  return period === 'day' ? Date.UTC(year, month, day + 1) : Date.UTC(year, month + 1);
}
