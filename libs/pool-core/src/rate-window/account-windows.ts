import type { AccountLimits } from '../account.js';
import type { CallTokens } from '../ask.js';
import { RateWindow } from './rate-window.js';
import type { LedgerEntry, WindowKind } from './rate-window.js';

/** The limits that are counted over time. */
export type WindowName = Exclude<keyof AccountLimits, 'maxConcurrency'>;

const windowMs = 60_000;
const dayMs = 24 * 60 * windowMs;
const requests = { perRequest: 1, perInputToken: 0, perOutputToken: 0 } as const;
const tokens = { perRequest: 0, perInputToken: 1, perOutputToken: 1 } as const;
const inputTokens = { perRequest: 0, perInputToken: 1, perOutputToken: 0 } as const;
const outputTokens = { perRequest: 0, perInputToken: 0, perOutputToken: 1 } as const;

/** In the order in which they are checked. */
const kinds: readonly WindowKind<WindowName>[] = [
  { name: 'rpm', windowMs, ...requests },
  { name: 'tpm', windowMs, ...tokens },
  { name: 'itpm', windowMs, ...inputTokens },
  { name: 'otpm', windowMs, ...outputTokens },
  { name: 'rpd', windowMs: dayMs, ...requests },
  { name: 'tpd', windowMs: dayMs, ...tokens },
];

/** What a call took of one window. */
export interface Charge {
  readonly window: RateWindow<WindowName>;
  readonly amount: number;
  /** The window's ledger just before. */
  readonly spentBefore: number;
}

/** All windows of one account. */
export class AccountWindows {
  /** Those with a known limit: the only ones that can refuse. */
  limited: readonly RateWindow<WindowName>[] = [];
  private readonly all: readonly RateWindow<WindowName>[];
  /**
   * Calls of up to this many tokens pass without a look at each window. Holds from one change to the next, because by
   * itself a level only rises.
   */
  private ampleTokens = Infinity;
  /** Whether every window was comfortably free at the last change, and so still is. */
  private isComfortable = true;

  /**
   * @param safetyMargin share of each limit never used, in [0, 0.5]
   * @param comfortableShare free share of a window above which it does not count as filling, in (0, 1)
   */
  constructor(
    safetyMargin: number,
    private readonly comfortableShare: number,
  ) {
    this.all = kinds.map((kind) => new RateWindow(kind, safetyMargin));
  }

  configure(limits: AccountLimits, nowMs: number): void {
    for (const window of this.all) window.configure(limits[window.name], nowMs);
    this.noteLimits(nowMs);
  }

  /** From when all windows admit a call; `-Infinity` when now. */
  admitsFromMs(tokens: CallTokens, nowMs: number): number {
    if (tokens.inputTokens + tokens.outputTokens <= this.ampleTokens) return -Infinity;
    let fromMs = -Infinity;
    for (const window of this.limited) {
      fromMs = Math.max(fromMs, window.admitsFromMs(window.costOf(tokens), nowMs));
    }
    return fromMs;
  }

  take(tokens: CallTokens, nowMs: number): Charge[] {
    const charges = this.limited.map((window) => ({
      window,
      spentBefore: window.spent,
      amount: window.take(window.costOf(tokens), nowMs),
    }));
    this.noteLevels(nowMs);
    return charges;
  }

  /** Replaces what a call took by what it used. */
  settle(charges: readonly Charge[], used: CallTokens, nowMs: number): void {
    for (const { window, amount } of charges) window.settle(amount, window.costOf(used), nowMs);
    this.noteLevels(nowMs);
  }

  /** Corrects one window by what the provider said; the limit may be news. */
  correct(name: WindowName, entryOf: (window: RateWindow<WindowName>) => LedgerEntry, nowMs: number): void {
    const window = this.all.find((one) => one.name === name);
    if (window === undefined) return;
    const wasLimited = window.isLimited;
    window.correct(entryOf(window), nowMs);
    if (wasLimited) this.noteLevels(nowMs);
    else this.noteLimits(nowMs);
  }

  /** How free the tightest window is: 1 while all are comfortably free, then falling; 0 when it is empty. */
  headroomAt(nowMs: number): number {
    if (this.isComfortable) return 1;
    let share = this.comfortableShare;
    for (const window of this.limited) share = Math.min(share, window.levelAt(nowMs) / window.capacityUnits);
    return Math.max(0, share / this.comfortableShare);
  }

  private noteLimits(nowMs: number): void {
    this.limited = this.all.filter((window) => window.isLimited);
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
