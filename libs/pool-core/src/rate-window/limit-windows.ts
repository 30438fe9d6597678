import type { LimitReading } from '#kernel';
import type { AccountLimits } from '../account.js';
import type { CallTokens, ExpectedTokens } from '../ask.js';
import { configuredNames, limitKinds, limitOfReading } from './limit-kinds.js';
import type { WindowName } from './limit-kinds.js';
import { RateWindow } from './rate-window.js';
import type { Sent, WindowRules } from './rate-window.js';
import type { Charge, TokenBuckets } from './token-buckets.js';

type Windows = readonly RateWindow<WindowName>[];

/** Units spent, by window. */
export type SpentUnits = Readonly<Partial<Record<WindowName, number>>>;

/** A call as its windows remember it. */
export interface SentCall {
  readonly charge: Charge;
  /** ms since the epoch. */
  readonly sentMs: number;
  /** Whether the provider holds what was taken, and gives back what is not used. */
  readonly isHeld: boolean;
}

/** What became of a call: what it has used, `null` when the provider did not count it, or nothing yet. */
export type Used = CallTokens | 'under way' | null;

/** All limits of one account or one quota group that are counted over time, and what is known of them. What calls take is in the buckets. */
export class LimitWindows {
  /** Those with a known limit: the only ones that can refuse, in the order in which people should hear of them. */
  limited: Windows = [];
  /** Those that ever had a limit, by their places among the buckets. */
  private known: Windows = [];
  /** Among how many processes the limits are split. */
  private shares = 1;

  /** @param buckets where each keeps what is left of it */
  constructor(
    private readonly rules: WindowRules,
    private readonly buckets: TokenBuckets,
  ) {}

  configure(limits: AccountLimits, nowMs: number): void {
    for (const name of configuredNames) {
      const window = limits[name] === null ? this.ifKnown(name) : this.window(name);
      window?.configure(limits[name], nowMs);
    }
    this.noteLimits();
  }

  /** Units a window holds when full; `Infinity` without a limit. */
  capacityOf(name: WindowName): number {
    return this.ifKnown(name)?.capacityUnits ?? Infinity;
  }

  /** Of the safety margin of the tightest window, what a call would take: 0 to 1; more when that does not suffice. */
  marginGone(tokens: ExpectedTokens, nowMs: number): number {
    let gone = 0;
    for (const window of this.limited) gone = Math.max(gone, window.marginGone(window.holdOf(tokens), nowMs));
    return gone;
  }

  /**
   * Corrects the windows by what an answer said: wrong configuration and traffic from elsewhere are known before the
   * first 429.
   *
   * @param used what the call was settled with
   */
  learn(readings: readonly LimitReading[], call: SentCall, used: Used, nowMs: number): void {
    let isLimitNews = false;
    for (const reading of readings) {
      const name = limitOfReading(reading, nowMs);
      if (name === undefined) continue;
      const window = this.window(name);
      const wasLimited = window.isLimited;
      window.correct(reading, sentOf(window, call, used), nowMs);
      if (!wasLimited && window.isLimited) isLimitNews = true;
    }
    if (isLimitNews) this.noteLimits();
  }

  /** Supposes a limit that nobody told. */
  guess(name: WindowName, limit: number, nowMs: number): void {
    this.window(name).guess(limit, nowMs);
    this.noteLimits();
  }

  /** What calls elsewhere have spent of windows that are known here; those that are not admit everything. */
  spendElsewhere(spent: SpentUnits, nowMs: number): void {
    for (const window of this.known) {
      const units = spent[window.name] ?? 0;
      if (units !== 0) this.buckets.spendElsewhere(window.place, units, nowMs);
    }
  }

  /** @returns what was spent here since it was last asked; windows that spent nothing are left out, `null` when all did */
  takeUntold(): SpentUnits | null {
    let untold: Record<string, number> | null = null;
    for (const { name, place } of this.known) {
      const units = this.buckets.takeUntold(place);
      if (units !== 0) (untold ??= {})[name] = units;
    }
    return untold;
  }

  /** The largest share of a full window that was spent here since {@link takeUntold}. */
  untoldShare(): number {
    return this.limited.reduce(
      (most, { place, capacityUnits }) => Math.max(most, this.buckets.untold(place) / capacityUnits),
      0,
    );
  }

  /** @returns what is missing in windows that are not full; `null`: nothing */
  missingAt(nowMs: number): SpentUnits | null {
    let missing: Record<string, number> | null = null;
    for (const window of this.limited) {
      const units = window.capacityUnits - window.levelAt(nowMs);
      if (units > 0) (missing ??= {})[window.name] = units;
    }
    return missing;
  }

  /** No less is missing than another process knows of. */
  noteMissing(missing: SpentUnits, nowMs: number): void {
    for (const window of this.limited) {
      const level = window.capacityUnits - (missing[window.name] ?? 0);
      if (level < window.levelAt(nowMs)) this.buckets.setLevel(window.place, level, nowMs);
    }
  }

  /** See {@link RateWindow.split}. */
  split(shares: number, nowMs: number): void {
    this.shares = shares;
    for (const window of this.known) window.split(shares, nowMs);
  }

  /** Others have been found to share its limits: what was missing is what they spend. */
  forgetOutsideUse(nowMs: number): void {
    for (const window of this.limited) window.forgetOutsideUse(nowMs);
  }

  private ifKnown(name: WindowName): RateWindow<WindowName> | undefined {
    return this.known.find((window) => window.name === name);
  }

  private window(name: WindowName): RateWindow<WindowName> {
    const known = this.ifKnown(name);
    if (known !== undefined) return known;
    const window = new RateWindow(limitKinds[name], this.rules, this.buckets);
    window.split(this.shares, 0);
    this.known = this.known.concat(window);
    return window;
  }

  private noteLimits(): void {
    this.limited = this.known.filter((window) => window.isLimited).toSorted(inOrder);
  }
}

const order = Object.keys(limitKinds);
const inOrder = (a: RateWindow, b: RateWindow): number => order.indexOf(a.name) - order.indexOf(b.name);

/** Units that a window had ever spent before a call began. */
export function spentBefore(window: RateWindow<WindowName>, charge: Charge): number {
  return charge[2 * window.place + 1] ?? window.spent;
}

/** The moment an answer speaks of, as this window's ledger has it. */
function sentOf(window: RateWindow<WindowName>, { charge, sentMs, isHeld }: SentCall, used: Used): Sent {
  const atMs = sentMs;
  const charged = charge[2 * window.place];
  if (charged === undefined) return { atMs, charged: 0, excess: 0, othersSpent: 0, isHeld };
  const own = used === null ? 0 : used === 'under way' ? charged : window.costOf(used);
  const excess = Math.max(0, own - charged);
  const spentSince = window.spent - spentBefore(window, charge);
  if (!isHeld) return { atMs, charged, excess, othersSpent: Math.max(0, spentSince - own), isHeld };
  return { atMs, charged, excess, othersSpent: spentSince - (used === null ? 0 : charged), isHeld };
}
