import { reservedOutput } from '../ask.js';
import type { CallTokens, ExpectedTokens } from '../ask.js';

/** Units that a request, a prompt token and a generated token count for. */
export interface UnitCosts {
  readonly perRequest: 0 | 1;
  readonly perInputToken: 0 | 1;
  readonly perOutputToken: 0 | 1;
}

/** Rounding of a refill may not hold a call back: a billionth of a unit. */
const rounding = 1e-9;

/**
 * What one call took of each bucket, by place: units taken, units ever spent before. Flat, because every call makes one; no longer than
 * there were buckets when the call began.
 */
export type Charge = readonly number[];

/** Where each figure of a bucket lies, from its first. Eight, so that a bucket fills a line of the processor's cache. */
const levelOffset = 0;
const unitOffset = 1;
const capacityOffset = 2;
const updatedOffset = 3;
const refillOffset = 4;
const reservedOffset = 5;
const spentOffset = 6;
const toldOffset = 7;
const figuresPerBucket = 8;
/** What a bucket counts, as bits of one figure. */
const requestBit = 1;
const inputTokenBit = 2;
const outputTokenBit = 4;

/**
 * Continuous token buckets: they refill evenly, as providers' do. Those of one account lie side by side in one array, since every
 * call looks at and changes all of them: as fields of objects they would lie all over the heap, and picks among thousands of
 * accounts would wait for each. A bucket is named by its place, from 0 in the order in which they were added.
 */
export class TokenBuckets extends Array<number> {
  /** How many there are. */
  get count(): number {
    return this.length / figuresPerBucket;
  }

  /** Adds one that admits everything. @returns its place */
  add({ perRequest, perInputToken, perOutputToken }: UnitCosts): number {
    const unit = requestBit * perRequest + inputTokenBit * perInputToken + outputTokenBit * perOutputToken;
    const fresh = [Infinity, unit, Infinity, 0, Infinity, 0, 0, 0];
    const place = this.count;
    this.length += figuresPerBucket;
    for (const [offset, figure] of fresh.entries()) this.put(place, offset, figure);
    return place;
  }

  /** Units it holds when full; `Infinity` without a limit. */
  capacity(place: number): number {
    return this.figure(place, capacityOffset);
  }

  /** Taken by calls that have not settled yet. Exactly 0 when none is under way. */
  reserved(place: number): number {
    return this.figure(place, reservedOffset);
  }

  /** Everything ever spent: a ledger to take differences of. */
  spent(place: number): number {
    return this.figure(place, spentOffset);
  }

  /** Units one call uses. */
  costOf(place: number, { inputTokens, outputTokens }: CallTokens): number {
    return this.unitsOf(place, inputTokens, outputTokens);
  }

  /** Units to reserve for one call: what it is expected to use, or what the provider holds for it if that is more. */
  holdOf(place: number, tokens: ExpectedTokens): number {
    return this.unitsOf(place, tokens.inputTokens, reservedOutput(tokens));
  }

  /** Units left; negative when calls used more than they had reserved; `Infinity` without a limit. */
  level(place: number, nowMs: number): number {
    const capacity = this.figure(place, capacityOffset);
    if (capacity === Infinity) return Infinity;
    const elapsedMs = Math.max(0, nowMs - this.figure(place, updatedOffset));
    return Math.min(capacity, this.figure(place, levelOffset) + elapsedMs * this.figure(place, refillOffset));
  }

  /** What is left in the emptiest of all of what it holds when full; no more than `atMost`. */
  leastShare(atMost: number, nowMs: number): number {
    let share = atMost;
    for (let place = 0; place < this.count; place += 1) {
      const capacity = this.figure(place, capacityOffset);
      // Since it was noted, it has been refilled only.
      if (this.figure(place, levelOffset) >= share * capacity) continue;
      const level = this.level(place, nowMs);
      if (level < share * capacity) share = level / capacity;
    }
    return share;
  }

  /**
   * From when an amount could be taken if nothing else is. More than a bucket ever holds is admitted when it is full:
   * the amount is an estimate, and the provider's answer is better than none.
   *
   * @returns `-Infinity` when it can be taken now, else the first whole millisecond
   */
  admitsFromMs(place: number, amount: number, nowMs: number): number {
    const needed = Math.min(amount, this.figure(place, capacityOffset)) - rounding;
    const level = this.level(place, nowMs);
    if (level >= needed) return -Infinity;
    const guessMs = Math.ceil(nowMs + (needed - level) / this.figure(place, refillOffset));
    return this.level(place, guessMs) >= needed ? guessMs : guessMs + 1;
  }

  /** From when a call could be taken of each of them; `-Infinity` when now. */
  allAdmitFromMs(tokens: ExpectedTokens, nowMs: number): number {
    const { inputTokens } = tokens;
    const outputTokens = reservedOutput(tokens);
    let fromMs = -Infinity;
    for (let place = 0; place < this.count; place += 1) {
      const amount = this.unitsOf(place, inputTokens, outputTokens);
      // Since it was noted, it has been refilled only.
      if (this.figure(place, levelOffset) >= amount) continue;
      fromMs = Math.max(fromMs, this.admitsFromMs(place, amount, nowMs));
    }
    return fromMs;
  }

  /** Takes a call of each of them. */
  takeOfEach(tokens: ExpectedTokens, nowMs: number): Charge {
    if (this.count === 0) return noCharge;
    const { inputTokens } = tokens;
    const outputTokens = reservedOutput(tokens);
    const charge = new Array<number>(2 * this.count);
    for (let place = 0; 2 * place < charge.length; place += 1) {
      charge[2 * place + 1] = this.spent(place);
      charge[2 * place] = this.take(place, this.unitsOf(place, inputTokens, outputTokens), nowMs);
    }
    return charge;
  }

  /**
   * Replaces what a call took of each of them by what it used.
   *
   * @param used `null` when the provider did not count the call at all
   */
  settleEach(charge: Charge, used: CallTokens | null, nowMs: number): void {
    for (let place = 0; 2 * place < charge.length; place += 1) {
      const cost = used === null ? 0 : this.costOf(place, used);
      this.settle(place, charge[2 * place] as number, cost, nowMs);
    }
  }

  /** @returns what was taken: the amount, or all a bucket holds when that is less */
  take(place: number, amount: number, nowMs: number): number {
    const charged = Math.min(amount, this.figure(place, capacityOffset));
    this.setLevel(place, this.level(place, nowMs) - charged, nowMs);
    this.note(place, charged, charged);
    return charged;
  }

  /** Replaces what was taken by what was used. */
  settle(place: number, charged: number, used: number, nowMs: number): void {
    this.note(place, -charged, used - charged);
    if (used !== charged) this.setLevel(place, this.level(place, nowMs) + charged - used, nowMs);
  }

  /** Spends what calls elsewhere have used; negative: what they have given back. Reserves nothing, and is no news to them. */
  spendElsewhere(place: number, amount: number, nowMs: number): void {
    this.setLevel(place, this.level(place, nowMs) - amount, nowMs);
    this.note(place, 0, amount);
    this.put(place, toldOffset, this.figure(place, toldOffset) + amount);
  }

  /** What was spent here since {@link takeUntold}; negative when more was given back. */
  untold(place: number): number {
    return this.spent(place) - this.figure(place, toldOffset);
  }

  /** @returns {@link untold}, which is told now */
  takeUntold(place: number): number {
    const untold = this.untold(place);
    this.put(place, toldOffset, this.spent(place));
    return untold;
  }

  /** Sets what it holds when full, and what is left now. */
  resize(place: number, capacity: number, perMs: number, level: number, nowMs: number): void {
    this.put(place, capacityOffset, capacity);
    this.put(place, refillOffset, perMs);
    this.setLevel(place, level, nowMs);
  }

  /** Sets the units left; a debt is as much as it holds at most. */
  setLevel(place: number, level: number, nowMs: number): void {
    const capacity = this.figure(place, capacityOffset);
    this.put(place, levelOffset, Math.max(-capacity, Math.min(capacity, level)));
    this.put(place, updatedOffset, Math.max(this.figure(place, updatedOffset), nowMs));
  }

  private unitsOf(place: number, inputTokens: number, outputTokens: number): number {
    const unit = this.figure(place, unitOffset);
    return (
      ((unit & requestBit) === 0 ? 0 : 1) +
      ((unit & inputTokenBit) === 0 ? 0 : inputTokens) +
      ((unit & outputTokenBit) === 0 ? 0 : outputTokens)
    );
  }

  private note(place: number, reserved: number, spent: number): void {
    this.put(place, reservedOffset, this.figure(place, reservedOffset) + reserved);
    this.put(place, spentOffset, this.figure(place, spentOffset) + spent);
  }

  private figure(place: number, offset: number): number {
    return this[place * figuresPerBucket + offset] as number;
  }

  private put(place: number, offset: number, figure: number): void {
    this[place * figuresPerBucket + offset] = figure;
  }
}

const noCharge: Charge = [];
