import type { AccountSpec, HumanState } from './account.js';
import { RecentLoad } from './affinity/recent-load.js';
import { FailureWindow } from './circuit-breaker/failure-window.js';
import { Standing } from './circuit-breaker/standing.js';
import type { SharedLimit } from './cooldown/shared-limit.js';
import { compileModelRules } from './model-rules.js';
import type { ModelMatcher } from './model-rules.js';
import type { PoolOptions } from './pool-options.js';
import { AccountWindows } from './rate-window/account-windows.js';
import type { Candidate } from './scheduling/strategy.js';

/** Models an account may have a standing for; the one held longest gives way. */
const mostModels = 100;
/** No account's share falls to nothing: it would never be seen to recover. */
const leastFactor = 0.01;
/** Above this share of free capacity the configured weights alone decide. */
const comfortableShare = 0.5;

/** An account with everything that is known about it now. The mutable heart of a pool. */
export class PooledAccount implements Candidate {
  readonly id;
  readonly windows: AccountWindows;
  readonly standing = new Standing();
  readonly modelStandings = new Map<string, Standing>();
  readonly calls: FailureWindow;
  readonly permissionFailures: FailureWindow;
  readonly recentLoad = new RecentLoad();
  spec: AccountSpec;
  weight: number;
  tier: number;
  maxConcurrency: number;
  /** From when people let it work, ms since the epoch; `-Infinity` now, `Infinity` when they must act. */
  peopleAdmitFromMs: number;
  servesModel: ModelMatcher;
  inFlight = 0;
  headroom = 1;
  health = 1;
  memory = NaN;

  constructor(
    spec: AccountSpec,
    readonly sharedLimit: SharedLimit,
    options: PoolOptions,
    nowMs: number,
  ) {
    this.id = spec.id;
    this.windows = new AccountWindows(options.safetyMargin, comfortableShare);
    this.calls = new FailureWindow(options.breaker.windowMs);
    this.permissionFailures = new FailureWindow(options.breaker.windowMs);
    this.configure(spec, nowMs);
  }

  /** Takes a new configuration; what is in use, under way or held against the account stays. */
  configure(spec: AccountSpec, nowMs: number): void {
    this.spec = spec;
    this.weight = spec.weight;
    this.tier = spec.tier;
    this.maxConcurrency = spec.limits.maxConcurrency ?? Infinity;
    this.peopleAdmitFromMs = peopleAdmitFromMs(spec.human);
    this.servesModel = compileModelRules(spec.models);
    this.windows.configure(spec.limits, nowMs);
  }

  /** Standing of one model; `undefined` when nothing is held against it. */
  standingOf(model: string): Standing | undefined {
    return this.modelStandings.size === 0 ? undefined : this.modelStandings.get(model);
  }

  /** Standing of one model, to hold something against it. */
  openStandingOf(model: string): Standing {
    const known = this.modelStandings.get(model);
    if (known !== undefined) return known;
    const [oldest] = this.modelStandings.keys();
    if (oldest !== undefined && this.modelStandings.size >= mostModels) this.modelStandings.delete(oldest);
    const standing = new Standing();
    this.modelStandings.set(model, standing);
    return standing;
  }

  /** Brings {@link headroom} and {@link health} up to date for a strategy. */
  measure(minimumCalls: number, nowMs: number): void {
    const freeSlots = (1 - this.inFlight / this.maxConcurrency) / comfortableShare;
    this.headroom = Math.max(leastFactor, Math.min(1, freeSlots, this.windows.headroomAt(nowMs)));
    this.health = Math.max(leastFactor, 1 - this.calls.failureRatioAt(nowMs, minimumCalls));
  }
}

function peopleAdmitFromMs(human: HumanState): number {
  if (human.kind === 'enabled') return -Infinity;
  return human.kind === 'paused' ? (human.untilMs ?? Infinity) : Infinity;
}
