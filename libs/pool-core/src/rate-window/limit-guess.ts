import { spentBefore } from './limit-windows.js';
import type { LimitWindows } from './limit-windows.js';
import type { Charge } from './token-buckets.js';
import type { WindowName } from './limit-kinds.js';
import type { RateWindow } from './rate-window.js';

/** A refusal lowers the guess by this share at most; the first one that measures it by more. */
const mostLowered = 0.2;
const mostLoweredAtFirst = 0.8;
/** Calls since it was last known what is left, from which a refusal counts for half of the guess. */
const enoughCalls = 25;
/** A measure over so long and so many calls is exact to a few percent: limits do not fall below it all of a sudden. */
const provenMs = 20_000;
const provenCalls = 50;
/** Before a limit has fallen by more than this, another one that is not used up is thought to be lower than guessed. */
const oddFall = 0.12;
/** What was proven is doubted by this share with each lower measure. */
const forgotten = 0.03;
/** A limit is the less suspect the more is left of it; this much when all is. */
const trust = 0.03;
/** Falls are judged over this time at most: longer ago nobody knows what was left. */
const longestFallMs = 60_000;
/** After this share of the time that the measure took, without a refusal while all is used up, the guess was too low. */
const cleanShare = 0.5;
const shortestCleanMs = 5_000;
const longestCleanMs = 30_000;
/** By what share it is raised then, twice as much each time in a row: the less, the longer the measure took. */
const firstStride = 0.04;
const leastStride = 0.0025;
const longestStride = 0.08;
const strideMs = 250;
/** Once so much of a limit has passed beyond it, it is no longer tried whether it was raised, but by how much: up to the stride, each 5 s. */
const surelyHigherShare = 0.1;
const boldestStride = 0.32;
/** Below this free share a limit counts as used up. */
const usedUpShare = 0.1;

/** A call that was refused without a word about limits. */
export interface SilentRefusal {
  /** What it took, given back already. */
  readonly charge: Charge;
  /** When it began, ms since the epoch. */
  readonly sentMs: number;
  /** Calls ever sent before it. */
  readonly calls: number;
}

/**
 * A limit that nobody told. A refusal says that no more was left than its call needed. So what was thought to be left beyond that is
 * the error of the guess since the last refusal; where there is no error, it is tried how much more passes.
 */
export class LimitGuess {
  /** When it was last known what is left, and calls sent until then. */
  private knownMs: number;
  private knownCalls: number;
  /** What was refilled from then until the guess last changed. */
  private refilled = 0;
  private changedMs: number;
  /** The guess after the last refusal. */
  private limitThen: number;
  /** What has passed beyond it until the guess last changed. */
  private beyond = 0;
  /** Where a measure from scratch would begin. */
  private mark: { readonly atMs: number; readonly spent: number; readonly calls: number };
  /** The last measure that took long enough; 0 before the first. */
  private proven = 0;
  private isMeasured = false;
  private cleanMs = shortestCleanMs;
  private stride = firstStride;

  /** @param calls ever sent */
  constructor(
    private readonly windows: LimitWindows,
    readonly window: RateWindow<WindowName>,
    calls: number,
    nowMs: number,
  ) {
    this.knownMs = nowMs;
    this.knownCalls = calls;
    this.changedMs = nowMs;
    this.limitThen = window.limitUnits;
    this.mark = { atMs: nowMs, spent: window.spent, calls };
  }

  /** Whether it may be what refused a call, for all that was thought to be left. */
  isUsedUpBy(refusal: SilentRefusal, nowMs: number): boolean {
    return this.freeShareAt(refusal, nowMs) <= usedUpShare;
  }

  /** By what share it must have fallen if it is what refused a call: of several, the one that fell least is to blame. */
  fallAt(refusal: SilentRefusal, nowMs: number): number {
    const { window, proven } = this;
    const free = this.freeShareAt(refusal, nowMs);
    if (free > usedUpShare) return oddFall + trust * free;
    if (proven === 0) return trust * free;
    const sinceMs = within(1, nowMs - this.knownMs, longestFallMs);
    return 1 - (window.limitUnits - (this.errorAt(refusal, nowMs) * window.windowMs) / sinceMs) / proven;
  }

  /** It is what refused a call. */
  noteRefused(refusal: SilentRefusal, nowMs: number): void {
    if (this.isUsedUpBy(refusal, nowMs)) this.lower(refusal, nowMs);
    else this.measure(refusal, nowMs);
    this.isMeasured ||= this.callsSinceKnown(refusal) >= enoughCalls;
    const tookMs = Math.max(1, nowMs - this.knownMs);
    this.cleanMs = this.isMeasured
      ? within(shortestCleanMs, cleanShare * tookMs, longestCleanMs)
      : shortestCleanMs;
    this.stride = this.isMeasured ? within(leastStride, strideMs / tookMs, firstStride) : firstStride;
    this.knownMs = nowMs;
    this.knownCalls = refusal.calls;
    this.refilled = 0;
    this.limitThen = this.window.limitUnits;
    this.beyond = 0;
  }

  /** Another limit refused a call. It is not raised soon: it may have been this one after all. */
  noteOther(nowMs: number): void {
    if (this.isUsedUpAt(nowMs)) this.guess(this.window.limitUnits, nowMs);
  }

  /** A refusal from which, once enough calls were sent, a measure from scratch may begin. */
  noteMark(refusal: SilentRefusal): void {
    if (refusal.calls - this.mark.calls < provenCalls) return;
    this.mark = { atMs: refusal.sentMs, spent: this.spentAfter(refusal), calls: refusal.calls };
  }

  /** A call passed. */
  notePassed(nowMs: number): void {
    const sinceMs = nowMs - this.changedMs;
    if (sinceMs < shortestCleanMs || !this.isUsedUpAt(nowMs)) return;
    const isHigher = this.isSurelyHigher(nowMs);
    if (sinceMs < this.cleanMs && !isHigher) return;
    this.guess(this.window.limitUnits * (1 + this.stride), nowMs);
    this.stride = Math.min(isHigher ? boldestStride : longestStride, 2 * this.stride);
  }

  /** The last refusal was nobody's fault: the limit is what it was supposed to be before. */
  takeBack(limit: number, nowMs: number): void {
    this.guess(limit, nowMs);
    this.limitThen = limit;
    this.beyond = 0;
  }

  /** Supposes another limit; what is left stays. */
  private guess(limit: number, nowMs: number): void {
    const { window, windows } = this;
    this.refilled += this.refill(nowMs - this.changedMs);
    this.beyond = this.beyondAt(nowMs);
    this.changedMs = nowMs;
    const level = window.levelAt(nowMs);
    windows.guess(window.name, limit, nowMs);
    window.adjust(level - window.levelAt(nowMs), nowMs);
  }

  private isSurelyHigher(nowMs: number): boolean {
    return this.isMeasured && this.beyondAt(nowMs) > surelyHigherShare * this.limitThen;
  }

  /** What has passed since the last refusal beyond the limit of then. Who calls now and then alone says nothing of longer times. */
  private beyondAt(nowMs: number): number {
    const { window, limitThen, changedMs } = this;
    const usedMs = Math.min(nowMs - changedMs, longestCleanMs);
    return this.beyond + ((window.limitUnits - limitThen) * usedMs) / window.windowMs;
  }

  private lower(refusal: SilentRefusal, nowMs: number): void {
    const { window } = this;
    const calls = this.callsSinceKnown(refusal);
    const tookMs = Math.max(1, nowMs - this.knownMs);
    const refilled = this.refilled + this.refill(nowMs - this.changedMs);
    const error = this.errorAt(refusal, nowMs);
    const passed = refilled - (error * calls) / (calls + enoughCalls);
    const lowest = window.limitUnits * (1 - (this.isMeasured ? mostLowered : mostLoweredAtFirst));
    window.adjust(-error, nowMs);
    this.guess(within(lowest, (passed * window.windowMs) / tookMs, window.limitUnits), nowMs);
    if (calls >= provenCalls && tookMs >= provenMs) {
      this.proven = Math.max(window.limitUnits, (1 - forgotten) * this.proven);
    }
  }

  /** More was thought to be left than can be: what has passed of late is all there is. */
  private measure(refusal: SilentRefusal, nowMs: number): void {
    const { window, mark } = this;
    const tookMs = Math.max(1, refusal.sentMs - mark.atMs);
    const rate = ((this.spentAfter(refusal) - mark.spent) * window.windowMs) / tookMs;
    if (refusal.calls - mark.calls >= enoughCalls) {
      const lowest = this.isSurelyHigher(nowMs) ? this.limitThen : 1;
      this.guess(within(lowest, rate, window.limitUnits), nowMs);
      this.proven = window.limitUnits;
      this.isMeasured = true;
    }
    window.adjust(-this.errorAt(refusal, nowMs), nowMs);
  }

  private isUsedUpAt(nowMs: number): boolean {
    return this.window.levelAt(nowMs) <= usedUpShare * this.window.capacityUnits;
  }

  /** What was thought to be left beside a call when it was sent, of all there may be. */
  private freeShareAt(refusal: SilentRefusal, nowMs: number): number {
    return (this.leftAt(refusal, nowMs) - this.chargedBy(refusal)) / this.window.capacityUnits;
  }

  /** What was thought to be left beyond the need of a call that was refused, and the safety margin: it was not there. */
  private errorAt(refusal: SilentRefusal, nowMs: number): number {
    const margin = this.window.limitUnits - this.window.capacityUnits;
    return Math.max(0, this.leftAt(refusal, nowMs) - this.chargedBy(refusal) + margin);
  }

  /** What was thought to be left when a call was sent. */
  private leftAt({ charge, sentMs }: SilentRefusal, nowMs: number): number {
    const { window } = this;
    return window.levelAt(nowMs) - this.refill(nowMs - sentMs) + window.spent - spentBefore(window, charge);
  }

  private chargedBy({ charge }: SilentRefusal): number {
    return charge[2 * this.window.place] ?? 0;
  }

  /** What would have been spent with the call that was refused. */
  private spentAfter(refusal: SilentRefusal): number {
    return spentBefore(this.window, refusal.charge) + this.chargedBy(refusal);
  }

  private callsSinceKnown({ calls }: SilentRefusal): number {
    return Math.max(0, calls - this.knownCalls);
  }

  private refill(ms: number): number {
    return (ms * this.window.limitUnits) / this.window.windowMs;
  }
}

const within = (least: number, value: number, most: number): number => Math.max(least, Math.min(most, value));
