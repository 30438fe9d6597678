import type { OutageOptions, SharedLimitOptions } from '../pool-options.js';
import { acceptedAfterMs } from './rest.js';

/** Without a further 429 the suspicion is dropped after this time, also when nobody calls. */
const suspicionMs = 60_000;
/** A storm that comes back so many times within so long of its end is none: the limits of many accounts are lower than thought. */
const mostRelapses = 3;
const relapseMs = 60_000;
/** So many probes may follow one another at once: a healthy account is found among as many. */
const hastyProbes = 10;
/** A call that is still under way after this many times the time of a failure was accepted. */
const outagePatience = 4;
/** The first failures since a success are proof enough: as many as prove an outage, times this. */
const evidenceKept = 2;
/** In an outage one call is tried in this share of the time it has lasted, within the bounds of the options. */
const outageProbeShare = 1 / 16;
/** One late answer of a probe must not set all loose. */
const leastOutagePatienceMs = 500;

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

/** A failure that is neither a limit nor the caller's fault, as it was met. */
export type Broken<Account> = Pick<Limited<Account>, 'account' | 'begunMs'>;

interface Call {
  /** When it began, ms since the epoch. */
  readonly takenAtMs: number;
}

/**
 * Tells a provider that limits or fails everybody from accounts that are limited or broken. A storm: several accounts
 * (groups count once) answered 429 within moments, and no call begun since succeeded or is still under way for longer than a
 * refusal takes; nor has it come back again and again. An outage: several calls in a row failed, on several accounts, and so
 * did all that began in between. Then no account is to blame, and calls are probes until one succeeds: the first few one after
 * the other, so that the last healthy account is still found, then one per half second, in an outage one per two seconds and
 * ever fewer. Each goes to an account that is admissible by itself.
 */
export class SharedLimit<Account> {
  private limited: readonly (Limited<Account> & { readonly atMs: number })[] = [];
  private broken: readonly (Broken<Account> & { readonly atMs: number })[] = [];
  private cause: 'storm' | 'outage' = 'storm';
  private suspectedSinceMs = Infinity;
  private suspectedUntilMs = -Infinity;
  /** What began before the last suspicion ended tells nothing about an account. */
  private endedMs = -Infinity;
  private patienceMs = acceptedAfterMs(0);
  private probe: Call | null = null;
  private nextProbeMs = -Infinity;
  private probesInVain = 0;
  /** Suspicions that began soon after the end of the last, in a row. */
  private relapses = 0;

  /** @param underWay all calls of the pool that have not ended */
  constructor(
    private readonly options: SharedLimitOptions,
    private readonly outage: OutageOptions,
    private readonly underWay: Iterable<Call>,
  ) {}

  /** A probe that is under way for longer than a refusal takes was accepted: that is as good as a success. */
  isSuspectedAt(nowMs: number): boolean {
    return nowMs < this.suspectedUntilMs && nowMs < this.acceptedFromMs;
  }

  /** Whether the provider, when it is suspected, is suspected to fail rather than to limit. */
  get isOutage(): boolean {
    return this.cause === 'outage';
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

  /**
   * From when a call that waits may count on being tried; `-Infinity` when now. In an outage the next probe is one call's and
   * will most likely fail: others had better go elsewhere than wait for it.
   */
  readyFromMs(nowMs: number): number {
    const fromMs = this.admitsFromMs(nowMs);
    const isHopeless = fromMs > nowMs && this.isOutage && this.probesInVain >= hastyProbes;
    return isHopeless ? this.nextProbeMs + this.probeEveryMs(nowMs) : fromMs;
  }

  noteStart(call: Call, nowMs: number): void {
    if (!this.isSuspectedAt(nowMs)) return;
    this.probe ??= call;
    this.nextProbeMs = Math.ceil(nowMs + this.probeEveryMs(nowMs));
  }

  noteEnd(call: object): void {
    if (this.probe === call) this.probe = null;
  }

  /** @param begunMs when the call began that succeeded: it disproves what is older alone */
  noteSuccess(begunMs: number, nowMs: number): void {
    if (this.limited.length > 0) this.limited = this.limited.filter((one) => one.begunMs > begunMs);
    if (this.broken.length > 0) this.broken = this.broken.filter((one) => one.begunMs > begunMs);
    if (nowMs >= this.suspectedUntilMs || begunMs < this.suspectedSinceMs) return;
    this.limited = [];
    this.broken = [];
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
    if (wasSuspected) this.probesInVain += 1;
    else this.begin('storm', this.limited, nowMs);
    this.suspectedUntilMs = nowMs + suspicionMs;
    return this.suspects;
  }

  /**
   * Takes in a failure.
   *
   * @returns whether the provider is to blame. What was held against the accounts before that was known stays: should the
   *   suspicion be wrong again and again, the broken ones are still found.
   */
  noteBroken(news: Broken<Account>, nowMs: number): boolean {
    if (news.begunMs < this.endedMs) return true;
    const others = this.broken.filter(({ atMs }) => atMs > nowMs - this.outage.withinMs);
    this.broken = [...others, { ...news, atMs: nowMs }].slice(0, evidenceKept * this.outage.calls);
    const wasSuspected = this.isSuspectedAt(nowMs);
    if (!wasSuspected && !this.allFail(nowMs)) return false;
    if (wasSuspected) this.probesInVain += 1;
    else this.begin('outage', this.broken, nowMs);
    this.suspectedUntilMs = nowMs + suspicionMs;
    return true;
  }

  private begin(cause: 'storm' | 'outage', evidence: readonly Broken<Account>[], nowMs: number): void {
    this.cause = cause;
    this.relapses = nowMs - this.endedMs < relapseMs ? this.relapses + 1 : 0;
    // One of the last suspicion that was accepted, and is still under way, says nothing of what was refused since.
    this.probe = null;
    this.probesInVain = 0;
    this.suspectedSinceMs = firstMs(evidence);
  }

  private probeEveryMs(nowMs: number): number {
    if (!this.isOutage) return this.options.probeEveryMs;
    const lastedMs = nowMs - this.suspectedSinceMs;
    const { probeEveryMs, longestProbeMs } = this.outage;
    return Math.min(longestProbeMs, Math.max(probeEveryMs, outageProbeShare * lastedMs));
  }

  private get acceptedFromMs(): number {
    return this.probe === null ? Infinity : Math.ceil(this.probe.takenAtMs + this.patienceMs);
  }

  private isStorm(nowMs: number): boolean {
    if (this.limited.length < this.options.accounts) return false;
    if (this.relapses >= mostRelapses && nowMs - this.endedMs < relapseMs) return false;
    this.patienceMs = acceptedAfterMs(longestMs(this.limited));
    return !this.someLive(firstMs(this.limited), nowMs - this.patienceMs);
  }

  /** Answers take longer than failures: what has begun too late to have failed by now proves nothing. */
  private allFail(nowMs: number): boolean {
    const { accounts, calls } = this.outage;
    if (this.broken.length < calls) return false;
    const failureMs = longestMs(this.broken);
    const proof = this.broken.filter(({ begunMs }) => begunMs <= nowMs - failureMs);
    if (proof.length < calls || new Set(proof.map(({ account }) => account)).size < accounts) return false;
    this.patienceMs = Math.max(leastOutagePatienceMs, outagePatience * failureMs);
    return !this.someLive(firstMs(proof), nowMs - failureMs);
  }

  /** Whether a call is under way that began in that time. */
  private someLive(fromMs: number, beforeMs: number): boolean {
    for (const { takenAtMs } of this.underWay) {
      if (takenAtMs >= fromMs && takenAtMs < beforeMs) return true;
    }
    return false;
  }
}

/** When the first of the failed calls began. */
const firstMs = (calls: readonly { readonly begunMs: number }[]): number =>
  Math.min(...calls.map(({ begunMs }) => begunMs));

const longestMs = (calls: readonly { readonly begunMs: number; readonly atMs: number }[]): number =>
  Math.max(...calls.map(({ begunMs, atMs }) => atMs - begunMs));
