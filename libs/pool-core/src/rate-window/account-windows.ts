import type { AccountLimits } from '../account.js';
import { RateWindow } from './rate-window.js';
import type { WindowKind } from './rate-window.js';

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

/** All windows of one account. */
export class AccountWindows {
  /** Those with a known limit: the only ones that can refuse. */
  limited: readonly RateWindow<WindowName>[] = [];
  private readonly all: readonly RateWindow<WindowName>[];

  constructor(safetyMargin: number) {
    this.all = kinds.map((kind) => new RateWindow(kind, safetyMargin));
  }

  configure(limits: AccountLimits, nowMs: number): void {
    for (const window of this.all) window.configure(limits[window.name], nowMs);
    this.findLimited();
  }

  byName(name: WindowName): RateWindow<WindowName> {
    return this.all.find((window) => window.name === name) as RateWindow<WindowName>;
  }

  /** To be called when a limit was learnt. */
  findLimited(): void {
    this.limited = this.all.filter((window) => window.isLimited);
  }

  /** From when all windows admit a call; `-Infinity` when now. */
  admitsFromMs(inputTokens: number, outputTokens: number, nowMs: number): number {
    let fromMs = -Infinity;
    for (const window of this.limited) {
      const windowFromMs = window.admitsFromMs(window.costOf(inputTokens, outputTokens), nowMs);
      if (windowFromMs > fromMs) fromMs = windowFromMs;
    }
    return fromMs;
  }

  /** Share of the tightest window that is free, in [-1, 1]; 1 when all have at least `enough`. */
  freeShareAt(nowMs: number, enough: number): number {
    let share = 1;
    for (const window of this.limited) share = Math.min(share, window.freeShareAt(nowMs, enough));
    return share;
  }
}
