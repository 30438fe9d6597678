import type { AccountLimits } from './account.js';
import type { ExpectedTokens } from './ask.js';
import { Standing } from './circuit-breaker/standing.js';
import type { PoolOptions } from './pool-options.js';
import { LimitWindows } from './rate-window/limit-windows.js';
import type { Charge } from './rate-window/limit-windows.js';
import { SilentLimit } from './rate-window/silent-limit.js';

/** Models a quota may have a standing for; the one held longest gives way. */
const mostModels = 100;
const noStandings: ReadonlyMap<string, Standing> = new Map();
/** Above this share of free capacity the configured weights alone decide. */
const comfortableShare = 0.5;

/** What a provider limits as one: an account, or a quota group. Its windows, its calls under way, its cool-downs. */
export class Quota {
  readonly windows: LimitWindows;
  readonly silentLimit: SilentLimit;
  readonly standing = new Standing();
  /** `null` while nothing is held against any model, most of the time. */
  private byModel: Map<string, Standing> | null = null;
  /** Calls under way. */
  inFlight = 0;
  maxConcurrency = Infinity;

  constructor({ safetyMargin, configuredLimits }: PoolOptions) {
    this.windows = new LimitWindows({ safetyMargin, configuredLimits }, comfortableShare);
    this.silentLimit = new SilentLimit(this.windows);
  }

  /** Takes other limits; what is in use, under way or held against it stays. */
  limitTo(limits: AccountLimits, nowMs: number): void {
    this.maxConcurrency = limits.maxConcurrency ?? Infinity;
    this.windows.configure(limits, nowMs);
  }

  /** Takes a slot and what a call is expected to use. */
  begin(call: object, model: string, tokens: ExpectedTokens, nowMs: number): Charge {
    this.inFlight += 1;
    this.standing.noteStart(call, nowMs);
    this.standingOf(model)?.noteStart(call, nowMs);
    return this.windows.take(tokens, nowMs);
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
    if (this.standingOf(model)?.isProbe(call)) this.forgetModel(model);
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
    this.byModel = null;
  }

  /** How free it is: 1 while comfortably so, then falling; 0 when nothing is left. */
  headroomAt(nowMs: number): number {
    const freeSlots = (1 - this.inFlight / this.maxConcurrency) / comfortableShare;
    return Math.min(1, freeSlots, this.windows.headroomAt(nowMs));
  }

  private forgetModel(model: string): void {
    this.byModel?.delete(model);
    if (this.byModel?.size === 0) this.byModel = null;
  }
}
