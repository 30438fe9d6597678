import type { LimitReading } from '#kernel';
import type { AccountLimits } from '../account.js';
import { reservedOutput } from '../ask.js';
import type { CallTokens, ExpectedTokens } from '../ask.js';
import { configuredNames, limitKinds, limitOfReading } from './limit-kinds.js';
import type { WindowName } from './limit-kinds.js';
import { RateWindow } from './rate-window.js';
import type { Sent, WindowRules } from './rate-window.js';

type Windows = readonly RateWindow<WindowName>[];

/** What one call took of some windows: for each, what it took and its ledger just before. */
export interface Charge {
  readonly windows: Windows;
  /** Two numbers for each window: units taken, units ever spent before. Flat, because every call makes one. */
  readonly figures: readonly number[];
  /** Whether the provider holds what was taken, and gives back what is not used. */
  readonly isHeld: boolean;
}

/** What became of a call: what it has used, `null` when the provider did not count it, or nothing yet. */
export type Used = CallTokens | 'under way' | null;

/** All windows of one account or one quota group. */
export class LimitWindows {
  /** Those with a known limit: the only ones that can refuse. Replaced as a whole, so that a charge may keep it. */
  limited: Windows = [];
  /** Those that ever had a limit, in the order in which they are checked. */
  private readonly known = new Map<WindowName, RateWindow<WindowName>>();
  /** What they keep side by side. */
  private readonly figures: number[] = [];
  /**
   * Calls of up to this many tokens pass without a look at each window. Holds from one change to the next, because by
   * itself a level only rises.
   */
  private ampleTokens = Infinity;
  /** Whether every window was comfortably free at the last change, and so still is. */
  private isComfortable = true;

  /** @param comfortableShare free share of a window above which it does not count as filling, in (0, 1) */
  constructor(
    private readonly rules: WindowRules,
    private readonly comfortableShare: number,
  ) {}

  configure(limits: AccountLimits, nowMs: number): void {
    for (const name of configuredNames) {
      const window = limits[name] === null ? this.known.get(name) : this.window(name);
      window?.configure(limits[name], nowMs);
    }
    this.noteLimits(nowMs);
  }

  /** Units a window holds when full; `Infinity` without a limit. */
  capacityOf(name: WindowName): number {
    return this.known.get(name)?.capacityUnits ?? Infinity;
  }

  /** From when all windows admit a call; `-Infinity` when now. */
  admitsFromMs(tokens: ExpectedTokens, nowMs: number): number {
    if (tokens.inputTokens + reservedOutput(tokens) <= this.ampleTokens) return -Infinity;
    let fromMs = -Infinity;
    for (const window of this.limited) {
      fromMs = Math.max(fromMs, window.admitsFromMs(window.holdOf(tokens), nowMs));
    }
    return fromMs;
  }

  take(tokens: ExpectedTokens, nowMs: number): Charge {
    const windows = this.limited;
    if (windows.length === 0) return noCharge;
    const figures = new Array<number>(2 * windows.length);
    for (let at = 0; at < windows.length; at += 1) {
      const window = windows[at] as RateWindow<WindowName>;
      figures[2 * at + 1] = window.spent;
      figures[2 * at] = window.take(window.holdOf(tokens), nowMs);
    }
    this.noteLevels(nowMs);
    return { windows, figures, isHeld: tokens.heldOutputTokens !== undefined };
  }

  /**
   * Replaces what a call took by what it used.
   *
   * @param used `null` when the provider did not count the call at all
   */
  settle({ windows, figures }: Charge, used: CallTokens | null, nowMs: number): void {
    for (let at = 0; at < windows.length; at += 1) {
      const window = windows[at];
      window?.settle(figures[2 * at] ?? 0, used === null ? 0 : window.costOf(used), nowMs);
    }
    this.noteLevels(nowMs);
  }

  /**
   * Corrects the windows by what an answer said: wrong configuration and traffic from elsewhere are known before the
   * first 429.
   *
   * @param charge what the call took
   * @param used what it was settled with
   * @param sentMs when the call began, ms since the epoch
   */
  learn(readings: readonly LimitReading[], charge: Charge, used: Used, sentMs: number, nowMs: number): void {
    let isLimitNews = false;
    for (const reading of readings) {
      const name = limitOfReading(reading, nowMs);
      if (name === undefined) continue;
      const window = this.known.get(name) ?? this.window(name);
      const wasLimited = window.isLimited;
      window.correct(reading, sentOf(window, charge, used, sentMs), nowMs);
      if (!wasLimited && window.isLimited) isLimitNews = true;
    }
    if (isLimitNews) this.noteLimits(nowMs);
    else if (readings.length > 0) this.noteLevels(nowMs);
  }

  /** Supposes a limit that nobody told. */
  guess(name: WindowName, limit: number, nowMs: number): void {
    this.window(name).guess(limit, nowMs);
    this.noteLimits(nowMs);
  }

  /** Changes the units left of one window. */
  adjust(window: RateWindow<WindowName>, units: number, nowMs: number): void {
    window.adjust(units, nowMs);
    this.noteLevels(nowMs);
  }

  /** How free the tightest window is: 1 while all are comfortably free, then falling; 0 when it is empty. */
  headroomAt(nowMs: number): number {
    if (this.isComfortable) return 1;
    let share = this.comfortableShare;
    for (const window of this.limited) share = Math.min(share, window.levelAt(nowMs) / window.capacityUnits);
    return Math.max(0, share / this.comfortableShare);
  }

  private window(name: WindowName): RateWindow<WindowName> {
    const known = this.known.get(name);
    if (known !== undefined) return known;
    const window = new RateWindow(limitKinds[name], this.rules, this.figures);
    this.known.set(name, window);
    return window;
  }

  private noteLimits(nowMs: number): void {
    this.limited = [...this.known.values()].filter((window) => window.isLimited).sort(inOrder);
    this.noteLevels(nowMs);
  }

  private noteLevels(nowMs: number): void {
    let ampleTokens = Infinity;
    let isComfortable = true;
    for (const window of this.limited) {
      const level = window.levelAt(nowMs);
      ampleTokens = Math.min(ampleTokens, window.ampleTokensAt(level));
      if (level < this.comfortableShare * window.capacityUnits) isComfortable = false;
    }
    this.ampleTokens = ampleTokens;
    this.isComfortable = isComfortable;
  }
}

const noCharge: Charge = { windows: [], figures: [], isHeld: false };
const order = Object.keys(limitKinds);
const inOrder = (a: RateWindow, b: RateWindow): number => order.indexOf(a.name) - order.indexOf(b.name);

/** The moment an answer speaks of, as this window's ledger has it. */
function sentOf(
  window: RateWindow<WindowName>,
  { windows, figures, isHeld }: Charge,
  used: Used,
  atMs: number,
): Sent {
  const at = windows.indexOf(window);
  if (at < 0) return { atMs, charged: 0, excess: 0, othersSpent: 0, isHeld };
  const spentBefore = figures[2 * at + 1] ?? window.spent;
  const charged = figures[2 * at] ?? 0;
  const own = used === null ? 0 : used === 'under way' ? charged : window.costOf(used);
  const excess = Math.max(0, own - charged);
  const spentSince = window.spent - spentBefore;
  if (!isHeld) return { atMs, charged, excess, othersSpent: Math.max(0, spentSince - own), isHeld };
  return { atMs, charged, excess, othersSpent: spentSince - (used === null ? 0 : charged), isHeld };
}
