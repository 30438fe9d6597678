import type { CallTokens } from '../ask.js';

/** Rounding of a refill may not hold a call back: a billionth of a unit. */
const rounding = 1e-9;
/** How many calls may have overtaken the one whose answer is read, before the difference counts. */
const overtakers = 3;

/** What a provider said about one limit, and about which moment. */
export interface LedgerEntry {
  /** Units allowed in the window; `null` when not said. */
  readonly limit: number | null;
  /** Units left when the call was sent; `null` when not said. */
  readonly remaining: number | null;
  readonly sentMs: number;
  /** What this call reserved of the window. */
  readonly charged: number;
  /** What other calls have spent since this one was sent; >= 0. */
  readonly othersSpent: number;
}

/** What one limit is about. */
export interface WindowKind<Name extends string> {
  readonly name: Name;
  /** Span the limit is counted over, > 0. */
  readonly windowMs: number;
  /** Units that a request, a prompt token and a generated token count for. */
  readonly perRequest: 0 | 1;
  readonly perInputToken: 0 | 1;
  readonly perOutputToken: 0 | 1;
}

/**
 * One limit as a continuous token bucket: it refills evenly, as providers do, and holds one window's worth. A limit
 * that is not known admits everything and still counts what is spent.
 */
export class RateWindow<Name extends string = string> {
  readonly name: Name;
  /** Taken by calls that have not settled yet. Exactly 0 when none is under way. */
  reserved = 0;
  /** Everything ever spent: a ledger to take differences of. */
  spent = 0;
  private configuredLimit = Infinity;
  private learntLimit = Infinity;
  private capacity = Infinity;
  private level = Infinity;
  private updatedMs = 0;

  private readonly windowMs: number;
  private readonly perRequest: number;
  private readonly perInputToken: number;
  private readonly perOutputToken: number;

  /**
   * @param safetyMargin share of the limit never used, in [0, 0.5]; whole units only, so that small limits are exact
   */
  constructor(
    kind: WindowKind<Name>,
    private readonly safetyMargin: number,
  ) {
    this.name = kind.name;
    this.windowMs = kind.windowMs;
    this.perRequest = kind.perRequest;
    this.perInputToken = kind.perInputToken;
    this.perOutputToken = kind.perOutputToken;
  }

  /** Units one call takes. */
  costOf(tokens: CallTokens): number {
    return (
      this.perRequest + this.perInputToken * tokens.inputTokens + this.perOutputToken * tokens.outputTokens
    );
  }

  /** Tokens a call may have at a level so that it surely passes; -1 when no call does. */
  ampleTokensAt(level: number): number {
    if (level < this.perRequest) return -1;
    return this.perRequest === 1 ? Infinity : level;
  }

  get isLimited(): boolean {
    return this.capacity !== Infinity;
  }

  /** Units the window holds when full; the limit less the safety margin. */
  get capacityUnits(): number {
    return this.capacity;
  }

  /** Units left; negative when calls used more than they had reserved. */
  levelAt(nowMs: number): number {
    if (this.capacity === Infinity) return Infinity;
    const refilled = Math.max(0, nowMs - this.updatedMs) * (this.capacity / this.windowMs);
    return Math.min(this.capacity, this.level + refilled);
  }

  /**
   * From when an amount could be taken if nothing else is. More than the window ever holds is admitted when it is full:
   * the amount is an estimate, and the provider's answer is better than none.
   *
   * @returns `-Infinity` when it can be taken now, else the first whole millisecond
   */
  admitsFromMs(amount: number, nowMs: number): number {
    const needed = Math.min(amount, this.capacity) - rounding;
    const level = this.levelAt(nowMs);
    if (level >= needed) return -Infinity;
    const guessMs = Math.ceil(nowMs + ((needed - level) * this.windowMs) / this.capacity);
    return this.levelAt(guessMs) >= needed ? guessMs : guessMs + 1;
  }

  /** @returns what was taken: the amount, or all a window holds when that is less */
  take(amount: number, nowMs: number): number {
    const charged = Math.min(amount, this.capacity);
    this.setLevel(this.levelAt(nowMs) - charged, nowMs);
    this.reserved += charged;
    this.spent += charged;
    return charged;
  }

  /** Replaces what was taken by what was used. May leave a debt of one window at most. */
  settle(charged: number, used: number, nowMs: number): void {
    this.reserved -= charged;
    this.spent += used - charged;
    if (used !== charged) this.setLevel(this.levelAt(nowMs) + charged - used, nowMs);
  }

  /** @param limit units per window; `null` when not configured. What is in use stays in use. */
  configure(limit: number | null, nowMs: number): void {
    this.configuredLimit = limit ?? Infinity;
    this.resize(nowMs);
  }

  /**
   * Corrects the window by what the provider said. Down always, except by what calls that overtook this one explain;
   * up only when the provider's limit is the one that counts, and by more than the safety margin.
   */
  correct(entry: LedgerEntry, nowMs: number): void {
    if (entry.limit !== null && entry.limit > 0 && entry.limit !== this.learntLimit) {
      this.learntLimit = entry.limit;
      this.resize(nowMs);
    }
    if (entry.remaining === null || !this.isLimited) return;
    const limit = Math.min(this.configuredLimit, this.learntLimit);
    const refilled = ((nowMs - entry.sentMs) * limit) / this.windowMs;
    const expected = entry.remaining - (limit - this.capacity) + refilled - entry.othersSpent;
    const atMost = expected + Math.min(entry.othersSpent, overtakers * entry.charged);
    const atLeast = Math.min(this.capacity, expected - this.reserved);
    const level = this.levelAt(nowMs);
    if (level > atMost) this.setLevel(atMost, nowMs);
    else if (this.learntLimit <= this.configuredLimit && atLeast > level + this.safetyMargin * limit)
      this.setLevel(atLeast, nowMs);
  }

  private resize(nowMs: number): void {
    const used = this.isLimited ? this.capacity - this.levelAt(nowMs) : this.reserved;
    const limit = Math.min(this.configuredLimit, this.learntLimit);
    this.capacity = limit === Infinity ? Infinity : limit - Math.floor(limit * this.safetyMargin);
    this.setLevel(this.capacity - used, nowMs);
  }

  private setLevel(level: number, nowMs: number): void {
    this.level = Math.max(-this.capacity, Math.min(this.capacity, level));
    this.updatedMs = Math.max(this.updatedMs, nowMs);
  }
}
