import type { AccountLimits } from './account.js';
import type { ExpectedTokens } from './ask.js';
import { Standing } from './circuit-breaker/standing.js';
import type { StandingNews } from './circuit-breaker/standing.js';
import type { PoolOptions } from './pool-options.js';
import { LimitWindows } from './rate-window/limit-windows.js';
import type { SpentUnits } from './rate-window/limit-windows.js';
import { SilentLimit } from './rate-window/silent-limit.js';
import { TokenBuckets } from './rate-window/token-buckets.js';
import type { Charge } from './rate-window/token-buckets.js';

/** A change of what is held against a quota, or a model on it. */
export interface QuotaStandingNews extends StandingNews {
  /** `null` when it is about the quota as a whole. */
  readonly model: string | null;
}

/** Models a quota may have a standing for; the one held longest gives way. */
const mostModels = 100;
const noStandings: ReadonlyMap<string, Standing> = new Map();
/** Above this share of free capacity the configured weights alone decide. */
const comfortableShare = 0.5;
/** More calls than are ever under way; unlike `Infinity`, V8 keeps it in the object itself. */
const unlimitedSlots = 2 ** 30;

/** What a provider limits as one: an account, or a quota group. Its windows, its calls under way, its cool-downs. */
export class Quota {
  // What every pick looks at comes first, so that it lies together.
  readonly standing = new Standing();
  /** `null` while nothing is held against any model, most of the time. */
  private byModel: Map<string, Standing> | null = null;
  /** Calls under way. */
  inFlight = 0;
  /** How many of them may be under way here: what calls elsewhere leave of {@link maxConcurrency}, or this process's share of it. */
  slots = unlimitedSlots;
  /** What is left of its limits over time. */
  readonly buckets = new TokenBuckets();
  readonly windows: LimitWindows;
  readonly silentLimit: SilentLimit;
  maxConcurrency = Infinity;
  /** Models that nothing is held against any more, which other processes do not know yet; at most {@link mostModels}. */
  private forgiven: readonly (readonly [string, Standing])[] = [];
  /** Calls under way in other processes, as they said. */
  private elsewhere = 0;
  /** What was said to them. */
  private toldInFlight = 0;
  private mustTellMissing = false;
  private shares = 1;

  constructor({ safetyMargin, configuredLimits }: PoolOptions) {
    this.windows = new LimitWindows({ safetyMargin, configuredLimits }, this.buckets);
    this.silentLimit = new SilentLimit(this.windows);
  }

  /** Takes other limits; what is in use, under way or held against it stays. */
  limitTo(limits: AccountLimits, nowMs: number): void {
    this.maxConcurrency = limits.maxConcurrency ?? Infinity;
    this.shareSlots();
    this.windows.configure(limits, nowMs);
  }

  /** @param calls how many more, or fewer, are under way in other processes */
  noteElsewhere(calls: number): void {
    this.elsewhere += calls;
    this.shareSlots();
  }

  /** Splits its limits among processes that cannot tell each other what they use; 1 makes them whole again. */
  split(shares: number, nowMs: number): void {
    this.shares = shares;
    this.shareSlots();
    this.windows.split(shares, nowMs);
  }

  /** Somebody has not heard, or has forgotten, what is missing in its windows, under way, and held against it. */
  tellAnew(): void {
    this.mustTellMissing = true;
    this.toldInFlight = 0;
    this.standing.tellAnew();
    for (const standing of this.modelStandings.values()) standing.tellAnew();
  }

  /** Whether {@link tellAnew} would find anything to tell. */
  isInUse(nowMs: number): boolean {
    const isHeld = !this.standing.isClosed || this.byModel !== null;
    return this.inFlight > 0 || isHeld || this.windows.missingAt(nowMs) !== null;
  }

  /** @returns what is missing in its windows, when somebody does not know; else `null` */
  takeMissing(nowMs: number): SpentUnits | null {
    if (!this.mustTellMissing) return null;
    this.mustTellMissing = false;
    return this.windows.missingAt(nowMs);
  }

  /** @returns the calls under way, when they are limited and others do not know how many; else `null` */
  takeInFlight(): number | null {
    const calls = this.maxConcurrency === Infinity ? 0 : this.inFlight;
    if (calls === this.toldInFlight) return null;
    this.toldInFlight = calls;
    return calls;
  }

  /** @returns what has changed about it or (by name) a model on it since it was last asked, other than by what others told */
  takeStandingNews(): QuotaStandingNews[] {
    const all: (readonly [string | null, Standing])[] = [[null, this.standing]];
    all.push(...this.forgiven, ...this.modelStandings);
    this.forgiven = [];
    return all.flatMap(([model, standing]) => {
      const news = standing.takeNews();
      return news === null ? [] : [{ model, ...news }];
    });
  }

  /** Another process has news of it, or of a model on it. */
  hear({ model, ...news }: QuotaStandingNews, nowMs: number): void {
    if (model === null) return this.standing.hear(news, nowMs);
    const isHeld = news.state.kind !== 'closed' && news.state.kind !== 'half_open';
    const standing = isHeld ? this.openStandingOf(model) : this.standingOf(model);
    standing?.hear(news, nowMs);
    if (standing?.isClosed) this.forgetModel(model, nowMs);
  }

  /** Takes a slot and what a call is expected to use. */
  begin(call: object, model: string, tokens: ExpectedTokens, nowMs: number): Charge {
    this.inFlight += 1;
    this.standing.noteStart(call, nowMs);
    this.standingOf(model)?.noteStart(call, nowMs);
    return this.buckets.takeOfEach(tokens, nowMs);
  }

  /** Gives the slot back. */
  end(call: object, model: string): void {
    this.inFlight -= 1;
    this.standing.noteEnd(call);
    this.standingOf(model)?.noteEnd(call);
  }

  /** Whether a call decides about it, or about a model on it. */
  isProbe(call: object, model: string): boolean {
    return this.standing.isProbe(call) || (this.standingOf(model)?.isProbe(call) ?? false);
  }

  /** What a call decided about is well again. */
  noteProbePassed(call: object, model: string, nowMs: number): void {
    if (this.standing.isProbe(call)) this.standing.close(nowMs);
    if (this.standingOf(model)?.isProbe(call)) this.forgetModel(model, nowMs);
  }

  /** Standings of the models that something is held against. */
  get modelStandings(): ReadonlyMap<string, Standing> {
    return this.byModel ?? noStandings;
  }

  /** Standing of one model; `undefined` when nothing is held against it. */
  standingOf(model: string): Standing | undefined {
    return this.byModel === null ? undefined : this.byModel.get(model);
  }

  /** Standing of one model, to hold something against it. */
  openStandingOf(model: string): Standing {
    const byModel = (this.byModel ??= new Map<string, Standing>());
    const known = byModel.get(model);
    if (known !== undefined) return known;
    const [oldest] = byModel.keys();
    if (oldest !== undefined && byModel.size >= mostModels) byModel.delete(oldest);
    const standing = new Standing();
    byModel.set(model, standing);
    return standing;
  }

  /** Ends its cool-downs, which were not its fault. */
  endCoolDowns(rule: string, nowMs: number): void {
    this.silentLimit.forgetLast(nowMs);
    this.standing.endCoolDown(rule, nowMs);
    for (const standing of this.modelStandings.values()) standing.endCoolDown(rule, nowMs);
  }

  /** Forgets everything that is held against it. */
  clear(nowMs: number): void {
    this.standing.close(nowMs);
    for (const model of this.modelStandings.keys()) this.forgetModel(model, nowMs);
  }

  /** How free it is: 1 while comfortably so, then falling; 0 when nothing is left. */
  headroomAt(nowMs: number): number {
    const freeSlots = (1 - this.inFlight / Math.max(1, this.slots)) / comfortableShare;
    return Math.min(1, freeSlots, this.windowHeadroomAt(nowMs));
  }

  /** As {@link headroomAt}, of its limits over time alone. */
  windowHeadroomAt(nowMs: number): number {
    return Math.max(0, this.buckets.leastShare(comfortableShare, nowMs) / comfortableShare);
  }

  private shareSlots(): void {
    const { maxConcurrency, shares, elsewhere } = this;
    const slots =
      shares === 1 ? maxConcurrency - elsewhere : Math.max(1, Math.floor(maxConcurrency / shares));
    this.slots = Math.min(slots, unlimitedSlots);
  }

  private forgetModel(model: string, nowMs: number): void {
    const standing = this.standingOf(model);
    if (standing?.isToldHeld && this.forgiven.length < mostModels) {
      standing.close(nowMs);
      this.forgiven = [...this.forgiven, [model, standing]];
    }
    this.byModel?.delete(model);
    if (this.byModel?.size === 0) this.byModel = null;
  }
}
