import type { SharedLimitOptions } from '../pool-options.js';

/** Without a further 429 the suspicion is dropped after this time, also when nobody calls. */
const suspicionMs = 60_000;

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

/**
 * Tells a provider that limits everybody from accounts at their limits: several accounts (groups count once) answered
 * 429 within moments and none succeeded in between. Then no account is to blame; calls go one at a time, or one per
 * half second, until one succeeds. Each goes to an account that is admissible by itself, so the last healthy one is
 * still found.
 */
export class SharedLimit<Account> {
  private limited: readonly (Limited<Account> & { readonly atMs: number })[] = [];
  private suspectedUntilMs = -Infinity;
  /** What began before the last suspicion ended tells nothing about an account. */
  private endedMs = -Infinity;
  private probe: object | null = null;
  private nextProbeMs = -Infinity;

  constructor(private readonly options: SharedLimitOptions) {}

  isSuspectedAt(nowMs: number): boolean {
    return nowMs < this.suspectedUntilMs;
  }

  /** The accounts that were limited of late; at most as many as make a suspicion. */
  get suspects(): readonly Account[] {
    return this.limited.map(({ account }) => account);
  }

  /** From when a call may be tried; `-Infinity` when now. */
  admitsFromMs(nowMs: number): number {
    if (!this.isSuspectedAt(nowMs) || this.probe === null) return -Infinity;
    const fromMs = Math.min(this.nextProbeMs, this.suspectedUntilMs);
    return fromMs > nowMs ? fromMs : -Infinity;
  }

  noteStart(call: object, nowMs: number): void {
    if (!this.isSuspectedAt(nowMs)) return;
    this.probe = call;
    this.nextProbeMs = Math.ceil(nowMs) + this.options.probeEveryMs;
  }

  noteEnd(call: object): void {
    if (this.probe === call) this.probe = null;
  }

  noteSuccess(nowMs: number): void {
    if (this.limited.length > 0) this.limited = [];
    if (!this.isSuspectedAt(nowMs)) return;
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
    const isSuspicious = news.isShared || this.isSuspectedAt(nowMs) || this.limited.length >= accounts;
    if (isSuspicious) this.suspectedUntilMs = nowMs + suspicionMs;
    else if (news.begunMs >= this.endedMs) return null;
    return this.suspects;
  }
}
