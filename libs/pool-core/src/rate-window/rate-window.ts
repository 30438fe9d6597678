import type { LimitReading } from '#kernel';
import { reservedOutput } from '../ask.js';
import type { CallTokens, ExpectedTokens } from '../ask.js';
import { SureSurplus } from './sure-surplus.js';

/** Rounding of a refill may not hold a call back: a billionth of a unit. */
const rounding = 1e-9;
/** How many calls may have overtaken the one whose answer is read, before the difference counts. */
const overtakers = 3;

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

/** How a window treats its limit. */
export interface WindowRules {
  /** Share of the limit never used, in [0, 0.5]; whole units only, so that small limits are exact. */
  readonly safetyMargin: number;
  /** What people configured: what they believe, until the provider says otherwise, or an upper bound for ever. */
  readonly configuredLimits: 'belief' | 'cap';
}

/** The moment that an answer speaks of: the sending of its call. */
export interface Sent {
  readonly atMs: number;
  /** What the call reserved of the window. */
  readonly charged: number;
  /** What the call has used beyond that; >= 0. The provider may not have known of it yet. */
  readonly excess: number;
  /** What other calls have spent since; negative when the provider has given back more than that of what it held. */
  readonly othersSpent: number;
  /** Whether the provider counts what a call may use from its beginning; else it learns of answers when they end. */
  readonly isHeld: boolean;
}

/** Where each figure of a window lies, from its first. */
const levelOffset = 0;
const updatedOffset = 1;
const refillOffset = 2;
const capacityOffset = 3;
const limitOffset = 4;
const reservedOffset = 5;
const spentOffset = 6;

/**
 * One limit as a continuous token bucket: it refills evenly, as providers do, and holds one window's worth. A limit
 * that is not known admits everything.
 *
 * The safety margin is held back of what the bucket holds, not of its refill: so it costs a burst 2 % once, and a
 * saturated account nothing.
 */
export class RateWindow<Name extends string = string> {
  readonly name: Name;
  readonly windowMs: number;
  /** Everything that the provider has ever said to be gone and nothing here explains: as {@link RateWindow.spent}. */
  lowered = 0;
  private configuredLimit = Infinity;
  /** What the provider's headers say. */
  private toldLimit = Infinity;
  /** What its silent refusals taught. */
  private guessedLimit = Infinity;
  private readonly surplus = new SureSurplus();
  private readonly perRequest: number;
  private readonly perInputToken: number;
  private readonly perOutputToken: number;
  /** Where its figures begin. */
  private readonly first: number;

  /**
   * @param figures where it keeps what calls look at and change, behind what is there: side by side with its neighbours'.
   *   As fields they would lie all over the heap, and picks among thousands of accounts would wait for each
   */
  constructor(
    kind: WindowKind<Name>,
    private readonly rules: WindowRules,
    private readonly figures: number[] = [],
  ) {
    this.name = kind.name;
    this.windowMs = kind.windowMs;
    this.perRequest = kind.perRequest;
    this.perInputToken = kind.perInputToken;
    this.perOutputToken = kind.perOutputToken;
    this.first = figures.length;
    figures.push(Infinity, 0, Infinity, Infinity, Infinity, 0, 0);
  }

  /** Taken by calls that have not settled yet. Exactly 0 when none is under way. */
  get reserved(): number {
    return this.figures[this.first + reservedOffset] as number;
  }

  /** Everything ever spent: a ledger to take differences of. */
  get spent(): number {
    return this.figures[this.first + spentOffset] as number;
  }

  /** Units one call uses. */
  costOf({ inputTokens, outputTokens }: CallTokens): number {
    return this.perRequest + this.perInputToken * inputTokens + this.perOutputToken * outputTokens;
  }

  /** Units to reserve for one call: what it is expected to use, or what the provider holds for it if that is more. */
  holdOf(tokens: ExpectedTokens): number {
    return (
      this.perRequest + this.perInputToken * tokens.inputTokens + this.perOutputToken * reservedOutput(tokens)
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

  /** Whether the provider itself says what the limit is. */
  get isTold(): boolean {
    return this.toldLimit !== Infinity;
  }

  /** Units per window that count now, the safety margin included; `Infinity` when not known. */
  get limitUnits(): number {
    return this.limit;
  }

  /** Units the window holds when full; the limit less the safety margin. */
  get capacityUnits(): number {
    return this.capacity;
  }

  /** Units left; negative when calls used more than they had reserved. */
  levelAt(nowMs: number): number {
    if (this.capacity === Infinity) return Infinity;
    const refilled =
      Math.max(0, nowMs - this.updatedMs) * (this.figures[this.first + refillOffset] as number);
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
    const guessMs = Math.ceil(nowMs + ((needed - level) * this.windowMs) / this.limit);
    return this.levelAt(guessMs) >= needed ? guessMs : guessMs + 1;
  }

  /** @returns what was taken: the amount, or all a window holds when that is less */
  take(amount: number, nowMs: number): number {
    const charged = Math.min(amount, this.capacity);
    this.setLevel(this.levelAt(nowMs) - charged, nowMs);
    this.count(charged, charged);
    return charged;
  }

  /** Replaces what was taken by what was used. May leave a debt of one window at most. */
  settle(charged: number, used: number, nowMs: number): void {
    this.count(-charged, used - charged);
    if (used !== charged) this.setLevel(this.levelAt(nowMs) + charged - used, nowMs);
  }

  /** @param limit units per window; `null` when not configured. A new one is believed until the provider speaks again. */
  configure(limit: number | null, nowMs: number): void {
    const configured = limit ?? Infinity;
    if (configured === this.configuredLimit) return;
    this.configuredLimit = configured;
    if (limit !== null) this.toldLimit = Infinity;
    this.guessedLimit = Infinity;
    this.resize(nowMs);
  }

  /** @param limit units per window that silent refusals let suppose; headers count more. `Infinity` takes it back. */
  guess(limit: number, nowMs: number): void {
    this.guessedLimit = limit;
    this.resize(nowMs);
  }

  /** Gives units back that were taken away by mistake, or takes them when negative. */
  adjust(units: number, nowMs: number): void {
    if (this.isLimited) this.setLevel(this.levelAt(nowMs) + units, nowMs);
  }

  /**
   * Corrects the window by what the provider said. Down always, except by what calls that overtook this one explain;
   * up only by more than the safety margin and by more than what is under way, and never beyond a cap. No provider tells
   * of a debt: nothing left may be less than nothing.
   */
  correct(said: Pick<LimitReading, 'limit' | 'remaining'>, sent: Sent, nowMs: number): void {
    if (said.limit !== null && said.limit > 0 && said.limit !== this.toldLimit) {
      this.toldLimit = said.limit;
      this.resize(nowMs);
    }
    if (said.remaining === null || !this.isLimited) return;
    const { limit, capacity } = this;
    const refilled = ((nowMs - sent.atMs) * limit) / this.windowMs;
    const expected = said.remaining - (limit - capacity) + refilled - sent.othersSpent;
    const atMost = expected + Math.min(Math.max(0, sent.othersSpent), overtakers * sent.charged);
    const level = this.levelAt(nowMs);
    if (level > atMost) {
      this.surplus.clear();
      this.lowered += level - atMost;
      this.setLevel(atMost, nowMs);
    } else if (said.remaining > 0 && limit === this.toldLimit) {
      const more = Math.min(capacity, expected - sent.excess) - level;
      const sure = sent.isHeld ? this.surplus.of(more) : more - this.reserved;
      if (sure > this.rules.safetyMargin * limit) this.setLevel(level + sure, nowMs);
    }
  }

  private resize(nowMs: number): void {
    const used = this.isLimited ? this.capacity - this.levelAt(nowMs) : this.reserved;
    const { figures, first, windowMs } = this;
    const limit = this.limitInForce();
    const capacity = limit === Infinity ? Infinity : limit - Math.floor(limit * this.rules.safetyMargin);
    figures[first + limitOffset] = limit;
    figures[first + refillOffset] = limit / windowMs;
    figures[first + capacityOffset] = capacity;
    this.setLevel(capacity - used, nowMs);
  }

  private limitInForce(): number {
    const { configuredLimit, toldLimit, guessedLimit } = this;
    if (toldLimit === Infinity) return Math.min(configuredLimit, guessedLimit);
    return this.rules.configuredLimits === 'cap' ? Math.min(configuredLimit, toldLimit) : toldLimit;
  }

  private setLevel(level: number, nowMs: number): void {
    const { figures, first, capacity } = this;
    figures[first + levelOffset] = Math.max(-capacity, Math.min(capacity, level));
    figures[first + updatedOffset] = Math.max(this.updatedMs, nowMs);
  }

  private count(reserved: number, spent: number): void {
    const { figures, first } = this;
    figures[first + reservedOffset] = (figures[first + reservedOffset] as number) + reserved;
    figures[first + spentOffset] = (figures[first + spentOffset] as number) + spent;
  }

  private get level(): number {
    return this.figures[this.first + levelOffset] as number;
  }

  /** When `level` was right, ms since the epoch. */
  private get updatedMs(): number {
    return this.figures[this.first + updatedOffset] as number;
  }

  private get capacity(): number {
    return this.figures[this.first + capacityOffset] as number;
  }

  private get limit(): number {
    return this.figures[this.first + limitOffset] as number;
  }
}
