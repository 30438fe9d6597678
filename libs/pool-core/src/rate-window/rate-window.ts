import type { LimitReading } from '#kernel';
import type { CallTokens, ExpectedTokens } from '../ask.js';
import { OutsideUse } from './outside-use.js';
import { SureSurplus } from './sure-surplus.js';
import { TokenBuckets } from './token-buckets.js';
import type { UnitCosts } from './token-buckets.js';

/** How many calls may have overtaken the one whose answer is read, before the difference counts. */
const overtakers = 3;

/** What one limit is about. */
export interface WindowKind<Name extends string> extends UnitCosts {
  readonly name: Name;
  /** Span the limit is counted over, > 0. */
  readonly windowMs: number;
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
  /** The latest moment of which they said it, ms since the epoch. */
  private toldOfMs = -Infinity;
  /** What its silent refusals taught. */
  private guessedLimit = Infinity;
  private readonly surplus = new SureSurplus();
  private readonly outsideUse = new OutsideUse();
  /** Its place among the buckets. */
  readonly place: number;
  private readonly countsAnswers: boolean;
  private limit = Infinity;
  /** Among how many processes the limit is split. */
  private shares = 1;

  /** @param buckets where it keeps its own: behind those that are there */
  constructor(
    kind: WindowKind<Name>,
    private readonly rules: WindowRules,
    private readonly buckets = new TokenBuckets(),
  ) {
    this.name = kind.name;
    this.windowMs = kind.windowMs;
    this.countsAnswers = kind.perOutputToken === 1;
    this.place = buckets.add(kind);
  }

  /** Taken by calls that have not settled yet. Exactly 0 when none is under way. */
  get reserved(): number {
    return this.buckets.reserved(this.place);
  }

  /** Everything ever spent: a ledger to take differences of. */
  get spent(): number {
    return this.buckets.spent(this.place);
  }

  /** Units one call uses. */
  costOf(tokens: CallTokens): number {
    return this.buckets.costOf(this.place, tokens);
  }

  /** Units to reserve for one call: what it is expected to use, or what the provider holds for it if that is more. */
  holdOf(tokens: ExpectedTokens): number {
    return this.buckets.holdOf(this.place, tokens);
  }

  get isLimited(): boolean {
    return this.limit !== Infinity;
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
    return this.buckets.capacity(this.place);
  }

  /** Units left; negative when calls used more than they had reserved. */
  levelAt(nowMs: number): number {
    return this.buckets.level(this.place, nowMs);
  }

  /** See {@link TokenBuckets.admitsFromMs}. */
  admitsFromMs(amount: number, nowMs: number): number {
    return this.buckets.admitsFromMs(this.place, amount, nowMs);
  }

  /**
   * Of the safety margin, what would be gone if an amount were taken now: 0 to 1; more when that does not suffice. The margin of
   * a guess is part of the guess, and that of a split limit is for the others.
   */
  marginGone(amount: number, nowMs: number): number {
    const { limit, guessedLimit, capacityUnits: capacity } = this;
    const missing = Math.min(amount, capacity) - this.levelAt(nowMs);
    if (missing <= 0) return 0;
    const margin = this.shares > 1 || limit === guessedLimit ? 0 : limit - capacity;
    return margin > 0 ? missing / margin : Infinity;
  }

  /** See {@link TokenBuckets.take}. */
  take(amount: number, nowMs: number): number {
    return this.buckets.take(this.place, amount, nowMs);
  }

  /** See {@link TokenBuckets.settle}. */
  settle(charged: number, used: number, nowMs: number): void {
    this.buckets.settle(this.place, charged, used, nowMs);
  }

  /** @param limit units per window; `null` when not configured. A new one is believed until the provider speaks again. */
  configure(limit: number | null, nowMs: number): void {
    const configured = limit ?? Infinity;
    if (configured === this.configuredLimit) return;
    this.configuredLimit = configured;
    if (limit !== null) this.toldLimit = Infinity;
    this.guessedLimit = Infinity;
    this.outsideUse.forget();
    this.outsideUse.skipNext();
    this.resize(nowMs);
  }

  /** @param limit units per window that silent refusals let suppose, of a split limit those of a share; headers count more. `Infinity` takes it back. */
  guess(limit: number, nowMs: number): void {
    this.guessedLimit = limit * this.shares;
    this.resize(nowMs);
  }

  /**
   * Splits the limit among processes that cannot tell each other what they spend. What is left is split as well; when it is one again,
   * each goes on from what it has left, as if the others had used all of theirs.
   *
   * @param shares >= 1, whole
   */
  split(shares: number, nowMs: number): void {
    if (shares === this.shares) return;
    const level = this.levelAt(nowMs) * Math.min(1, this.shares / shares);
    this.shares = shares;
    this.resize(nowMs);
    if (this.isLimited) this.buckets.setLevel(this.place, level, nowMs);
  }

  /** Gives units back that were taken away by mistake, or takes them when negative. */
  adjust(units: number, nowMs: number): void {
    if (this.isLimited) this.buckets.setLevel(this.place, this.levelAt(nowMs) + units, nowMs);
  }

  /**
   * Corrects the window by what the provider said. Down always, except by what calls that overtook this one explain;
   * up at once only by more than the safety margin and by more than what is under way, else when many answers in a row say so, and
   * never beyond a cap. No provider tells of a debt: nothing left may be less than nothing.
   */
  correct(said: Pick<LimitReading, 'limit' | 'remaining'>, sent: Sent, nowMs: number): void {
    if (said.limit !== null && said.limit > 0) {
      // Answers overtake each other: what is said of an earlier moment takes back no limit that was told since.
      if (sent.atMs < this.toldOfMs && said.limit !== this.toldLimit) return;
      this.toldOfMs = Math.max(this.toldOfMs, sent.atMs);
      if (said.limit !== this.toldLimit) this.believe(said.limit, said.remaining !== null, nowMs);
    }
    if (said.remaining === null || !this.isLimited) return;
    const { limit, capacityUnits: capacity } = this;
    const refilled = (nowMs - sent.atMs) * this.refillPerMs;
    const expected = said.remaining - (limit - capacity) + refilled - sent.othersSpent;
    const atMost = expected + Math.min(Math.max(0, sent.othersSpent), overtakers * sent.charged);
    const level = this.levelAt(nowMs);
    if (level > atMost) {
      this.surplus.noteTaken(level - atMost, limit - capacity);
      this.lowered += level - atMost;
      this.move(atMost - level, sent, nowMs);
      return;
    }
    if (said.remaining > 0 && limit === this.toldLimit) {
      const more = Math.min(capacity, expected - sent.excess) - level;
      const sure = sent.isHeld ? this.surplus.of(more) : this.sureOf(more);
      this.move(Math.max(0, sure), sent, nowMs);
    } else this.move(0, sent, nowMs);
  }

  /** Others have been found to share the limit: what was missing is what they spend. */
  forgetOutsideUse(nowMs: number): void {
    this.outsideUse.forget();
    this.resize(nowMs);
  }

  private move(units: number, { atMs }: Sent, nowMs: number): void {
    this.outsideUse.note(-units, (this.shares * this.limit) / this.windowMs, this.windowMs, atMs);
    if (units === 0) return;
    const { place, capacityUnits, refillPerMs } = this;
    this.buckets.resize(place, capacityUnits, refillPerMs, this.levelAt(nowMs) + units, nowMs);
  }

  private get refillPerMs(): number {
    return this.outsideUse.leftOf((this.shares * this.limit) / this.windowMs) / this.shares;
  }

  /** Where what is left is told besides, that may only lower it: what a window in use loses with its limit is hard to give back. */
  private believe(toldLimit: number, isLevelTold: boolean, nowMs: number): void {
    const level = this.isLimited ? this.levelAt(nowMs) : -Infinity;
    this.toldLimit = toldLimit;
    this.outsideUse.skipNext();
    this.resize(nowMs);
    if (isLevelTold && level > this.levelAt(nowMs)) this.buckets.setLevel(this.place, level, nowMs);
  }

  /** What is left for sure beyond what was thought, where a provider may learn of answers when they end only. */
  private sureOf(more: number): number {
    const beyondAnswers = more - this.reserved;
    if (beyondAnswers <= this.rules.safetyMargin * this.limit)
      return this.countsAnswers ? this.surplus.backOf(more) : this.surplus.of(more);
    this.surplus.clear();
    return beyondAnswers;
  }

  private resize(nowMs: number): void {
    const used = this.isLimited ? this.capacityUnits - this.levelAt(nowMs) : this.reserved;
    this.limit = this.limitInForce() / this.shares;
    const kept = this.isLimited ? Math.floor(this.limit * this.rules.safetyMargin) : 0;
    // Whole units: what is reserved of it adds up to exactly nothing in the end.
    const capacity = this.shares === 1 ? this.limit - kept : Math.max(1, Math.floor(this.limit - kept));
    this.buckets.resize(this.place, capacity, this.refillPerMs, capacity - used, nowMs);
  }

  private limitInForce(): number {
    const { configuredLimit, toldLimit, guessedLimit } = this;
    if (toldLimit === Infinity) return Math.min(configuredLimit, guessedLimit);
    return this.rules.configuredLimits === 'cap' ? Math.min(configuredLimit, toldLimit) : toldLimit;
  }
}
