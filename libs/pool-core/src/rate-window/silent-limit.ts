import type { CallTokens } from '../ask.js';
import { spentBefore } from './limit-windows.js';
import type { Charge, LimitWindows } from './limit-windows.js';
import type { WindowName } from './limit-kinds.js';
import type { RateWindow } from './rate-window.js';

/** A refusal lowers the guess, and a clean while raises it, by this share at most. */
const step = 0.04;
/** How much more than measured is tried, so that a limit that was raised is noticed. */
const daring = 0.01;
/** Calls of the last minute below which a refusal teaches nothing: a rest is enough. */
const fewCalls = 5;
/** Calls between two refusals from which they measure the limit. */
const enoughCalls = 25;
/** From so many the measure is exact to half a percent, and a new one begins. */
const plentyCalls = 200;
/** Without a refusal for this long while all of it is used up, the guess was too low. */
const cleanMs = 5_000;
const cleanWhenMeasuredMs = 60_000;
/** Below this free share a window counts as used up. */
const usedUpShare = 0.1;
/** Time in which calls are forgotten to a third: then their sum is what passes per minute. */
const memoryMs = 60_000;

/** A limit that nobody told, and what it is measured from: a refusal, at which the provider's bucket was empty. */
interface Guess {
  readonly window: RateWindow<WindowName>;
  fromMs: number;
  fromSpent: number;
  callsSince: number;
  isMeasured: boolean;
  /** When the guess last changed. */
  changedMs: number;
}

/** What the last refusal took away. */
interface Lesson {
  readonly window: RateWindow<WindowName>;
  /** The guess before; `Infinity` when there was none. */
  readonly limit: number;
  readonly units: number;
}

/**
 * Learns the limit of a provider that says nothing but 429. At a refusal its bucket is empty; so what passes between
 * two refusals is what it refilled: the limit. Until enough has passed the guess goes down 4 % with each refusal, and up
 * 4 % after 5 s without one while all of it is used up. What people configured is never exceeded.
 */
export class SilentLimit {
  private guess: Guess | null = null;
  private lesson: Lesson | null = null;
  private callsOfLate = 0;
  private tokensOfLate = 0;
  private ofLateMs = 0;

  constructor(private readonly windows: LimitWindows) {}

  /**
   * A call was refused and nothing was said about limits.
   *
   * @param charge what it took, given back already
   * @param sentMs when it began, ms since the epoch
   */
  noteRefused(charge: Charge, sentMs: number, nowMs: number): void {
    const { guess } = this;
    if (guess !== null && sentMs < guess.changedMs) return;
    this.forget(nowMs);
    if (this.callsOfLate < fewCalls) return;
    const window = guess?.window ?? tightest(this.windows.limited, nowMs);
    if (window === null) this.begin(nowMs);
    else if (!window.isTold) this.lower(window, spentBefore(window, charge), sentMs, nowMs);
  }

  /** A call passed. */
  notePassed({ inputTokens, outputTokens }: CallTokens, nowMs: number): void {
    this.forget(nowMs);
    this.callsOfLate += 1;
    this.tokensOfLate += inputTokens + outputTokens;
    if (this.guess !== null) this.notePassedUnder(this.guess, nowMs);
  }

  /** The last refusal was nobody's fault: takes back what it taught. */
  forgetLast(nowMs: number): void {
    const { lesson } = this;
    this.lesson = null;
    if (lesson === null) return;
    this.windows.guess(lesson.window.name, lesson.limit, nowMs);
    lesson.window.adjust(lesson.units, nowMs);
    if (lesson.limit === Infinity) this.guess = null;
  }

  private notePassedUnder(guess: Guess, nowMs: number): void {
    const { window, changedMs, isMeasured } = guess;
    guess.callsSince += 1;
    if (nowMs - changedMs < (isMeasured ? cleanWhenMeasuredMs : cleanMs)) return;
    if (window.levelAt(nowMs) > usedUpShare * window.capacityUnits) return;
    guess.changedMs = nowMs;
    this.windows.guess(window.name, window.limitUnits * (1 + step), nowMs);
  }

  private forget(nowMs: number): void {
    const kept = Math.exp(-Math.max(0, nowMs - this.ofLateMs) / memoryMs);
    this.callsOfLate *= kept;
    this.tokensOfLate *= kept;
    this.ofLateMs = nowMs;
  }

  private begin(nowMs: number): void {
    this.windows.guess('tpm', Math.max(1, this.tokensOfLate), nowMs);
    const window = tightest(this.windows.limited, nowMs);
    if (window === null) return;
    window.adjust(-window.levelAt(nowMs), nowMs);
    this.lesson = { window, limit: Infinity, units: 0 };
    this.guess = guessFrom(window, window.spent, nowMs, nowMs);
  }

  private lower(window: RateWindow<WindowName>, spent: number, sentMs: number, nowMs: number): void {
    const guess = (this.guess ??= guessFrom(window, spent, sentMs, nowMs));
    const limit = window.limitUnits;
    const level = window.levelAt(nowMs);
    guess.isMeasured ||= guess.callsSince >= enoughCalls;
    const measured = guess.isMeasured
      ? ((spent - guess.fromSpent) * window.windowMs) / Math.max(1, sentMs - guess.fromMs)
      : 0;
    const next = Math.min(limit, Math.max(limit * (1 - step), measured * (1 + daring)));
    this.windows.guess(window.name, next, nowMs);
    const refilled = ((nowMs - sentMs) * next) / window.windowMs;
    const left = refilled - (window.spent - spent) - (window.limitUnits - window.capacityUnits);
    window.adjust(Math.min(0, left - window.levelAt(nowMs)), nowMs);
    this.lesson = { window, limit, units: level - window.levelAt(nowMs) };
    guess.changedMs = nowMs;
    if (guess.callsSince < plentyCalls) return;
    Object.assign(guess, { fromMs: sentMs, fromSpent: spent, callsSince: 0 });
  }
}

function guessFrom(window: RateWindow<WindowName>, fromSpent: number, fromMs: number, nowMs: number): Guess {
  return { window, fromMs, fromSpent, callsSince: 0, isMeasured: false, changedMs: nowMs };
}

function tightest(windows: readonly RateWindow<WindowName>[], nowMs: number): RateWindow<WindowName> | null {
  let found: RateWindow<WindowName> | null = null;
  let least = Infinity;
  for (const window of windows) {
    const free = window.levelAt(nowMs) / window.capacityUnits;
    if (free < least) [found, least] = [window, free];
  }
  return found;
}
