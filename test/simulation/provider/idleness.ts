import type { LimitedUnit } from '#kernel';
import type { CountedUnit } from '../workload/counted.js';
import type { SimCall } from '../workload/sim-call.js';
import type { SimAccount } from './sim-account.js';
import type { SimProvider } from './sim-provider.js';

const units = ['requests', 'tokens', 'input_tokens', 'output_tokens'] as const;

/** What stands idle of all limits while calls wait: the judge of refusals. */
export class Idleness {
  private waitingCalls = 0;
  private readonly waiting: Record<LimitedUnit, number> = {
    requests: 0,
    tokens: 0,
    input_tokens: 0,
    output_tokens: 0,
  };

  constructor(private readonly provider: SimProvider) {}

  /** @param change 1 when a call begins to wait, -1 when it does so no more */
  noteWaiting(call: SimCall, change: 1 | -1): void {
    this.waitingCalls += change;
    for (const unit of units) this.waiting[unit] += change * this.provider.unitsToServe(call, unit);
  }

  /** Whether an account has room for a call, a safety margin apart, and all have more than those who wait will take. */
  couldServe(call: SimCall, tried: ReadonlySet<string>, nowMs: number): boolean {
    const usable = this.provider.accounts.filter(
      (account) => !tried.has(account.truth.id) && this.provider.faultOf(account, nowMs) === null,
    );
    if (!usable.some((account) => account.hasRoomFor(call, nowMs))) return false;
    if (this.waitingCalls === 0) return true;
    const slots = usable.reduce((sum, { freeSlots }) => sum + Math.max(0, freeSlots), -this.waitingCalls);
    return (
      slots >= 1 &&
      units.every(
        (unit) =>
          idleUnits(usable, unit, nowMs) - this.waiting[unit] >= this.provider.unitsToServe(call, unit),
      )
    );
  }

  /** Share of the limit that counts, in [0, 1], that nobody who waits will take. */
  share(unit: CountedUnit, nowMs: number): number {
    const { accounts } = this.provider;
    if (unit === 'slot_ms') {
      const slots = accounts.reduce((sum, { truth }) => sum + (truth.limits.maxConcurrency ?? 0), 0);
      const free = accounts.reduce((sum, { freeSlots }) => sum + Math.max(0, freeSlots), -this.waitingCalls);
      return Math.max(0, free) / slots;
    }
    const limit = byQuota(accounts, ({ buckets }) =>
      Math.min(...buckets.filter((bucket) => bucket.unit === unit).map((bucket) => bucket.limit)),
    );
    return Math.max(0, idleUnits(accounts, unit, nowMs) - this.waiting[unit]) / limit;
  }
}

const idleUnits = (accounts: readonly SimAccount[], unit: LimitedUnit, nowMs: number): number =>
  byQuota(accounts, (account) => account.freeUnits(unit, nowMs));

/** Adds up what each account or organisation has once. */
function byQuota(accounts: readonly SimAccount[], of: (account: SimAccount) => number): number {
  const amounts = new Map(accounts.map((account) => [account.quota, of(account)]));
  return [...amounts.values()].reduce((sum, amount) => sum + amount, 0);
}
