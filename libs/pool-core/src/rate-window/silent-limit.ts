import type { CallTokens } from '../ask.js';
import { LimitGuess } from './limit-guess.js';
import type { SilentRefusal } from './limit-guess.js';
import { spentBefore } from './limit-windows.js';
import type { LimitWindows } from './limit-windows.js';
import type { Charge } from './token-buckets.js';

/** Calls of the last minute below which a refusal teaches nothing: a rest is enough. */
const fewCalls = 5;
/** Time in which calls are forgotten to a third: then their sum is what passes per minute. */
const memoryMs = 60_000;
/** Limits are guessed per minute: whoever has used up a day's is refused until it ends, and learns nothing by that. */
const guessedMs = 60_000;
/** Tokens are limited more often than requests: of these, so many times what passes is thought to be allowed at first. */
const generosity = 4;

/** What the last refusal took away. */
interface Lesson {
  readonly guess: LimitGuess;
  /** The guess before. */
  readonly limit: number;
  readonly units: number;
}

/**
 * Learns the limits of a provider that says nothing but 429: of tokens and of requests, each a {@link LimitGuess}. What people
 * configured is never exceeded.
 */
export class SilentLimit {
  private guesses = none;
  private lesson: Lesson | null = null;
  private lessonMs = -Infinity;
  /** Calls ever sent before the last lesson. */
  private lessonCalls = 0;
  private callsOfLate = 0;
  private tokensOfLate = 0;
  private ofLateMs = 0;

  constructor(private readonly windows: LimitWindows) {}

  /**
   * Whether a refusal that said nothing is no wonder: by what was learnt so far, next to nothing was left.
   *
   * @param charge what the call took, given back already
   * @param sentMs when it began, ms since the epoch
   */
  explains(charge: Charge, sentMs: number, nowMs: number): boolean {
    if (sentMs < this.lessonMs) return false;
    const refusal = { charge, sentMs, calls: 0 };
    return this.guesses.some((guess) => guess.isUsedUpBy(refusal, nowMs));
  }

  /** Learns from a refusal that said nothing. The same as {@link explains} takes. */
  noteRefused(charge: Charge, sentMs: number, nowMs: number): void {
    // Calls that were sent before the last lesson and refused after it are not sent any more.
    this.lessonCalls = Math.min(this.lessonCalls, this.callsBefore(null));
    if (sentMs < this.lessonMs) return;
    this.forget(nowMs);
    if (this.callsOfLate < fewCalls || this.windows.limited.some(({ isTold }) => isTold)) return;
    this.lessonMs = nowMs;
    // People have taken away a limit of theirs, and what was learnt of it.
    if (this.guesses.some(({ window }) => !window.isLimited)) this.guesses = none;
    if (this.guesses.length === 0) this.begin(nowMs);
    else this.learn({ charge, sentMs, calls: this.callsBefore(charge) }, nowMs);
  }

  /** A call passed. */
  notePassed({ inputTokens, outputTokens }: CallTokens, nowMs: number): void {
    this.forget(nowMs);
    this.callsOfLate += 1;
    this.tokensOfLate += inputTokens + outputTokens;
    for (const guess of this.guesses) guess.notePassed(nowMs);
  }

  /** The last refusal was nobody's fault: takes back what it taught. */
  forgetLast(nowMs: number): void {
    const { lesson } = this;
    this.lesson = null;
    if (lesson === null || !lesson.guess.window.isLimited) return;
    lesson.guess.takeBack(lesson.limit, nowMs);
    lesson.guess.window.adjust(lesson.units, nowMs);
  }

  private learn(refusal: SilentRefusal, nowMs: number): void {
    // Nothing has passed since the last one: a rest is the answer, not a lower limit.
    if (refusal.calls <= this.lessonCalls) return;
    this.lessonCalls = refusal.calls;
    const guess = suspectOf(this.guesses, refusal, nowMs);
    const { window } = guess;
    const limit = window.limitUnits;
    const level = window.levelAt(nowMs);
    guess.noteRefused(refusal, nowMs);
    this.lesson = { guess, limit, units: level - window.levelAt(nowMs) };
    for (const one of this.guesses) {
      if (one !== guess) one.noteOther(nowMs);
      one.noteMark(refusal);
    }
  }

  private forget(nowMs: number): void {
    const kept = Math.exp(-Math.max(0, nowMs - this.ofLateMs) / memoryMs);
    this.callsOfLate *= kept;
    this.tokensOfLate *= kept;
    this.ofLateMs = nowMs;
  }

  /** What has no limit is supposed to have one: of tokens all that passes, and all of it is used up. */
  private begin(nowMs: number): void {
    const { windows } = this;
    if (windows.capacityOf('rpm') === Infinity) windows.guess('rpm', generosity * this.callsOfLate, nowMs);
    if (windows.capacityOf('tpm') === Infinity) {
      windows.guess('tpm', Math.max(1, this.tokensOfLate), nowMs);
      const tokens = windows.limited.find(({ name }) => name === 'tpm');
      if (tokens !== undefined) tokens.adjust(-tokens.levelAt(nowMs) - marginOf(tokens), nowMs);
    }
    this.lessonCalls = this.callsBefore(null);
    this.guesses = windows.limited
      .filter(({ windowMs }) => windowMs === guessedMs)
      .map((window) => new LimitGuess(windows, window, this.lessonCalls, nowMs));
  }

  /** Calls ever sent before one that was refused, or before now. */
  private callsBefore(charge: Charge | null): number {
    const requests = this.windows.limited.find(({ name }) => name === 'rpm');
    if (requests === undefined) return 0;
    return charge === null ? requests.spent : spentBefore(requests, charge);
  }
}

/** Most accounts guess nothing: one array for all. */
const none: readonly LimitGuess[] = [];

/** Of several limits, the one that must have fallen least to refuse a call. @param guesses at least one */
function suspectOf(guesses: readonly LimitGuess[], refusal: SilentRefusal, nowMs: number): LimitGuess {
  const falls = guesses.map((guess) => guess.fallAt(refusal, nowMs));
  return guesses[falls.indexOf(Math.min(...falls))] as LimitGuess;
}

const marginOf = ({ limitUnits, capacityUnits }: { limitUnits: number; capacityUnits: number }): number =>
  limitUnits - capacityUnits;
