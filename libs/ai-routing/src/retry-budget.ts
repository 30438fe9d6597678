const windowMs = 10_000;
const slots = 10;
const slotMs = windowMs / slots;

/** How many calls may be sent again because a provider broke, so that an outage is not answered with a storm. */
export interface RetryBudgetOptions {
  /** Retries per call over the last 10 s, 0 to 1; default 0.2. */
  readonly share: number;
  /** Retries over the last 10 s that are always allowed, >= 0; default 10. */
  readonly floor: number;
}

/**
 * Counts calls and retries over the last 10 s. Moving on after a 429 or a refused key is no retry in this sense: the
 * provider did no work.
 */
export class RetryBudget {
  private readonly calls = new Float64Array(slots);
  private readonly retries = new Float64Array(slots);
  private slot = 0;

  /** @throws RangeError when an option is out of its range */
  constructor(private readonly options: RetryBudgetOptions = { share: 0.2, floor: 10 }) {
    if (!(options.share >= 0 && options.share <= 1)) throw new RangeError(`share ${options.share}: 0 to 1`);
    if (!(options.floor >= 0)) throw new RangeError(`floor ${options.floor}: >= 0`);
  }

  /** Notes a call, which earns a share of a retry. */
  noteCall(nowMs: number): void {
    const index = this.advance(nowMs);
    this.calls[index] = (this.calls[index] ?? 0) + 1;
  }

  /** @returns whether one more retry fits; if so it is taken */
  tryRetry(nowMs: number): boolean {
    const index = this.advance(nowMs);
    if (sum(this.retries) >= this.options.floor + this.options.share * sum(this.calls)) return false;
    this.retries[index] = (this.retries[index] ?? 0) + 1;
    return true;
  }

  private advance(nowMs: number): number {
    const slot = Math.floor(nowMs / slotMs);
    for (let stale = Math.max(this.slot + 1, slot - slots + 1); stale <= slot; stale += 1) {
      this.calls[stale % slots] = 0;
      this.retries[stale % slots] = 0;
    }
    this.slot = Math.max(this.slot, slot);
    return this.slot % slots;
  }
}

/** Pools whose calls are remembered. */
const mostPools = 1_000;

/** One budget for each pool, so that an ill provider uses up its own. */
export class RetryBudgets {
  /** In the order in which they were first needed: the first is forgotten when there are too many. */
  private readonly budgets = new Map<string, RetryBudget>();

  of(pool: string): RetryBudget {
    return this.budgets.get(pool) ?? this.open(pool);
  }

  private open(pool: string): RetryBudget {
    const [oldest] = this.budgets.keys();
    if (oldest !== undefined && this.budgets.size >= mostPools) this.budgets.delete(oldest);
    const budget = new RetryBudget();
    this.budgets.set(pool, budget);
    return budget;
  }
}

function sum(values: Float64Array): number {
  let total = 0;
  for (const value of values) total += value;
  return total;
}
