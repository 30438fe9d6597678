import type { TokenUsage } from '#kernel';
import type { AccountLimits } from '../account.js';
import { RateWindow } from './rate-window.js';

/** The limits that are counted over time, in the order in which they are checked. */
export const windowNames = ['rpm', 'tpm', 'itpm', 'otpm', 'rpd', 'tpd'] as const;
/** One of {@link windowNames}. */
export type WindowName = (typeof windowNames)[number];

/** Tokens of a call, estimated or real. */
export type CallTokens = Pick<TokenUsage, 'input' | 'output'>;

const minuteMs = 60_000;
const dayMs = 24 * 60 * minuteMs;
const spans: Record<WindowName, number> = {
  rpm: minuteMs,
  tpm: minuteMs,
  itpm: minuteMs,
  otpm: minuteMs,
  rpd: dayMs,
  tpd: dayMs,
};

/** What a call takes of a window. */
export function costOf(name: WindowName, inputTokens: number, outputTokens: number): number {
  switch (name) {
    case 'rpm':
    case 'rpd':
      return 1;
    case 'tpm':
    case 'tpd':
      return inputTokens + outputTokens;
    case 'itpm':
      return inputTokens;
    case 'otpm':
      return outputTokens;
  }
}

/** A window that limits its account, with its name. */
export interface NamedWindow {
  readonly name: WindowName;
  readonly window: RateWindow;
}

/** All windows of one account. */
export class AccountWindows {
  readonly all: readonly NamedWindow[];
  /** Those with a known limit: the only ones that can refuse. */
  limited: readonly NamedWindow[] = [];

  constructor(safetyMargin: number) {
    this.all = windowNames.map((name) => ({ name, window: new RateWindow(spans[name], safetyMargin) }));
  }

  configure(limits: AccountLimits, nowMs: number): void {
    for (const { name, window } of this.all) window.configure(limits[name], nowMs);
    this.findLimited();
  }

  byName(name: WindowName): RateWindow {
    return (this.all[windowNames.indexOf(name)] as NamedWindow).window;
  }

  /** To be called when a limit was configured or learnt. */
  findLimited(): void {
    this.limited = this.all.filter(({ window }) => window.isLimited);
  }

  /** From when all windows admit a call; `-Infinity` when now. */
  admitsFromMs(inputTokens: number, outputTokens: number, nowMs: number): number {
    let fromMs = -Infinity;
    for (const { name, window } of this.limited) {
      const windowFromMs = window.admitsFromMs(costOf(name, inputTokens, outputTokens), nowMs);
      if (windowFromMs > fromMs) fromMs = windowFromMs;
    }
    return fromMs;
  }

  /** Share of the tightest window that is free, in (-1, 1]. */
  freeShareAt(nowMs: number): number {
    let share = 1;
    for (const { window } of this.limited) {
      share = Math.min(share, window.levelAt(nowMs) / window.capacityUnits);
    }
    return share;
  }
}
