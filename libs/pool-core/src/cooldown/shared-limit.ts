import type { AccountId } from '#kernel';
import type { SharedLimitOptions } from '../pool-options.js';

/** Without a further 429 the suspicion is dropped after this time, also when nobody calls. */
const suspicionMs = 60_000;

/**
 * Tells a provider that limits everybody from accounts at their limits: several accounts answered 429 within moments and
 * none succeeded in between. Then calls go one at a time, or one per half second, until one succeeds; each goes to
 * an account that is admissible by itself, so the last healthy one is still found.
 */
export class SharedLimit {
  private limited: { readonly accountId: AccountId; readonly atMs: number }[] = [];
  private suspectedUntilMs = -Infinity;
  private probe: object | null = null;
  private nextProbeMs = -Infinity;

  constructor(private readonly options: SharedLimitOptions) {}

  isSuspectedAt(nowMs: number): boolean {
    return nowMs < this.suspectedUntilMs;
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

  noteSuccess(): void {
    if (this.limited.length > 0) this.limited = [];
    this.suspectedUntilMs = -Infinity;
  }

  /** @param isShared whether the provider itself said that everybody is limited */
  noteLimited(accountId: AccountId, isShared: boolean, nowMs: number): void {
    const { accounts, withinMs } = this.options;
    this.limited = this.limited.filter((one) => one.accountId !== accountId && one.atMs > nowMs - withinMs);
    this.limited.push({ accountId, atMs: nowMs });
    if (isShared || this.limited.length >= accounts) this.suspectedUntilMs = nowMs + suspicionMs;
    if (this.limited.length > accounts) this.limited.shift();
  }
}
