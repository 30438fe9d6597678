import type { SharedLimitOptions } from '../pool-options.js';

/** Without a further 429 the suspicion is dropped after this time, also when nobody calls. */
const suspicionMs = 60_000;
/** So many probes may follow one another at once: a healthy account is found among as many. */
const hastyProbes = 10;
/** A call that is still under way after this many times the time of a refusal was accepted. */
const patience = 4;
const leastPatienceMs = 200;

/** A 429 as it was met. */
export interface Limited<Account> {
  readonly account: Account;
  /** What its limits belong to: the account itself, or its group. */
  readonly quota: object;
  /** Whether the provider itself said that everybody is limited. */
  readonly isShared: boolean;
  /** When the call began, ms since the epoch. */
  readonly begunMs: number;
}

interface Call {
  /** When it began, ms since the epoch. */
  readonly takenAtMs: number;
}

/**
 * Tells a provider that limits everybody from accounts at their limits: several accounts (groups count once) answered
 * 429 within moments, and no call begun since succeeded or is still under way for longer than a refusal takes. Then no
 * account is to blame, and calls are probes until one succeeds: the first few one after the other, so that the last
 * healthy account is still found, then one per half second. Each goes to an account that is admissible by itself.
 */
export class SharedLimit<Account> {
  private limited: readonly (Limited<Account> & { readonly atMs: number })[] = [];
  private suspectedSinceMs = Infinity;
  private suspectedUntilMs = -Infinity;
  /** What began before the last suspicion ended tells nothing about an account. */
  private endedMs = -Infinity;
  private patienceMs = leastPatienceMs;
  private probe: Call | null = null;
  private nextProbeMs = -Infinity;
  private probesInVain = 0;

  /** @param underWay all calls of the pool that have not ended */
  constructor(
    private readonly options: SharedLimitOptions,
    private readonly underWay: Iterable<Call>,
  ) {}

  /** A probe that is under way for longer than a refusal takes was accepted: that is as good as a success. */
  isSuspectedAt(nowMs: number): boolean {
    return nowMs < this.suspectedUntilMs && nowMs < this.acceptedFromMs;
  }

  /** The accounts that were limited of late; at most as many as make a suspicion. */
  get suspects(): readonly Account[] {
    return this.limited.map(({ account }) => account);
  }

  /** From when a call may be tried; `-Infinity` when now. */
  admitsFromMs(nowMs: number): number {
    if (!this.isSuspectedAt(nowMs)) return -Infinity;
    if (this.probe === null && this.probesInVain < hastyProbes) return -Infinity;
    const fromMs = Math.min(this.nextProbeMs, this.suspectedUntilMs, this.acceptedFromMs);
    return fromMs > nowMs ? fromMs : -Infinity;
  }

  noteStart(call: Call, nowMs: number): void {
    if (!this.isSuspectedAt(nowMs)) return;
    this.probe ??= call;
    this.nextProbeMs = Math.ceil(nowMs) + this.options.probeEveryMs;
  }

  noteEnd(call: object): void {
    if (this.probe === call) this.probe = null;
  }

  /** @param begunMs when the call began that succeeded: it disproves what is older alone */
  noteSuccess(begunMs: number, nowMs: number): void {
    if (this.limited.length > 0) this.limited = this.limited.filter((one) => one.begunMs > begunMs);
    if (nowMs >= this.suspectedUntilMs || begunMs < this.suspectedSinceMs) return;
    this.limited = [];
    this.suspectedUntilMs = -Infinity;
    this.endedMs = nowMs;
  }

  /**
   * Takes in a 429.
   *
   * @returns the accounts that are not to blame for theirs, this one among them; `null` when this one is
   */
  noteLimited(news: Limited<Account>, nowMs: number): readonly Account[] | null {
    const { accounts, withinMs } = this.options;
    const others = this.limited.filter(({ quota, atMs }) => quota !== news.quota && atMs > nowMs - withinMs);
    this.limited = [...others, { ...news, atMs: nowMs }].slice(-accounts);
    const wasSuspected = this.isSuspectedAt(nowMs);
    if (!wasSuspected && !news.isShared && !this.isStorm(nowMs)) {
      return news.begunMs >= this.endedMs ? null : this.suspects;
    }
    this.suspectedUntilMs = nowMs + suspicionMs;
    this.probesInVain = wasSuspected ? this.probesInVain + 1 : 0;
    if (!wasSuspected) this.suspectedSinceMs = this.firstMs();
    return this.suspects;
  }

  private get acceptedFromMs(): number {
    return this.probe === null ? Infinity : Math.ceil(this.probe.takenAtMs + this.patienceMs);
  }

  private isStorm(nowMs: number): boolean {
    if (this.limited.length < this.options.accounts) return false;
    const refusalMs = Math.max(...this.limited.map(({ begunMs, atMs }) => atMs - begunMs));
    this.patienceMs = Math.max(leastPatienceMs, patience * refusalMs);
    const sinceMs = this.firstMs();
    for (const { takenAtMs } of this.underWay) {
      if (takenAtMs >= sinceMs && nowMs - takenAtMs > this.patienceMs) return false;
    }
    return true;
  }

  /** When the first of the refused calls began. */
  private firstMs(): number {
    return Math.min(...this.limited.map(({ begunMs }) => begunMs));
  }
}
