import type { AccountSpec, HumanState } from './account.js';
import type { Ask } from './ask.js';
import { RecentLoad } from './affinity/recent-load.js';
import { expectedCost } from './budget/call-cost.js';
import { SpendBudget } from './budget/spend-budget.js';
import { FailureWindow } from './circuit-breaker/failure-window.js';
import type { Standing } from './circuit-breaker/standing.js';
import type { SharedLimit } from './cooldown/shared-limit.js';
import { compileModelRules } from './model-rules.js';
import type { ModelMatcher } from './model-rules.js';
import type { PoolOptions } from './pool-options.js';
import { Quota } from './quota.js';
import { Slowness } from './scheduling/first-byte.js';
import type { PlaceInLane } from './scheduling/place-in-lane.js';
import type { Candidate } from './scheduling/strategy.js';

/** No account's share falls to nothing: it would never be seen to recover. */
const leastFactor = 0.01;

/** Accounts that share one provider-side limit. What it admits and what is held against it counts for each member. */
export class PooledGroup extends Quota {
  members: readonly PooledAccount[] = [];

  constructor(
    readonly id: string,
    options: PoolOptions,
  ) {
    super(options);
  }
}

/** An account with everything that is known about it now. The mutable heart of a pool. */
export class PooledAccount extends Quota implements Candidate {
  // What every pick looks at comes first, so that it lies together.
  /** `null`: its limits are its own. */
  group: PooledGroup | null = null;
  readonly budget = new SpendBudget();
  /** Whether it is switched on and has a key that can be used: then neither has to be asked. */
  isInService: boolean;
  weight: number;
  headroom = 1;
  health = 1;
  slowness = 1;
  /** Load of ended calls that its turns were charged too little for; negative: too much. */
  turnDebt = 0;
  readonly calls: FailureWindow;
  readonly firstByte = new Slowness();
  /** How many of its places are at rest. */
  placesAtRest = 0;
  tier: number;
  readonly id;
  /** Its places among those it competes with, one for each model that was asked for; kept by the pool's lanes. */
  places: readonly PlaceInLane[] = [];
  readonly permissionFailures: FailureWindow;
  readonly recentLoad = new RecentLoad();
  spec: AccountSpec;
  costFactor: number;
  /** From when people let it work, ms since the epoch; `-Infinity` now, `Infinity` when they must act. */
  peopleAdmitFromMs: number;
  servesModel: ModelMatcher;

  constructor(
    spec: AccountSpec,
    readonly sharedLimit: SharedLimit<PooledAccount>,
    options: PoolOptions,
    nowMs: number,
  ) {
    super(options);
    this.id = spec.id;
    this.calls = new FailureWindow(options.breaker.windowMs);
    this.permissionFailures = new FailureWindow(options.breaker.windowMs);
    this.configure(spec, nowMs);
  }

  /** Takes a new configuration; what is in use, under way or held against the account stays. */
  configure(spec: AccountSpec, nowMs: number): void {
    this.spec = spec;
    this.weight = spec.weight;
    this.costFactor = spec.costFactor;
    this.tier = spec.tier;
    this.peopleAdmitFromMs = peopleAdmitFromMs(spec.human);
    this.isInService = spec.human.kind === 'enabled' && spec.credentialUsable;
    this.servesModel = compileModelRules(spec.models);
    this.budget.configure(spec.budget);
    this.limitTo(spec.limits, nowMs);
  }

  /** Shares its limits with a group from now on, or with nobody: what others were seen to take of them may have been the group's. */
  enter(group: PooledGroup | null, nowMs: number): void {
    if (group === this.group) return;
    this.group = group;
    this.windows.forgetOutsideUse(nowMs);
  }

  /** What a call is expected to cost here, nano US dollars; `null` when its price is not known. */
  costOf(ask: Ask): number | null {
    return ask.price === null ? null : expectedCost(ask, ask.price, this.spec.costFactor);
  }

  /** Its own standing or its group's, whichever keeps it out longer. */
  bindingStanding(nowMs: number): Standing {
    return binding(this.standing, this.group?.standing, nowMs);
  }

  /** As {@link bindingStanding}, for each model that something is held against. */
  bindingModelStandings(nowMs: number): ReadonlyMap<string, Standing> {
    if (this.group === null || this.group.modelStandings.size === 0) return this.modelStandings;
    const all = new Map(this.modelStandings);
    for (const [model, standing] of this.group.modelStandings) {
      all.set(model, binding(standing, all.get(model), nowMs));
    }
    return all;
  }

  override endCoolDowns(rule: string, nowMs: number): void {
    super.endCoolDowns(rule, nowMs);
    this.group?.endCoolDowns(rule, nowMs);
  }

  override clear(nowMs: number): void {
    super.clear(nowMs);
    this.calls.clear();
    this.permissionFailures.clear();
    this.group?.clear(nowMs);
  }

  /** Brings {@link headroom}, {@link health} and {@link slowness} up to date for a strategy. */
  measure(minimumCalls: number, nowMs: number): void {
    const ofGroup = this.group === null ? 1 : this.group.headroomAt(nowMs);
    this.headroom = Math.max(leastFactor, Math.min(this.headroomAt(nowMs), ofGroup));
    this.health = Math.max(leastFactor, 1 - this.calls.recentRatioAt(nowMs, minimumCalls));
    this.slowness = this.firstByte.ratioAt(nowMs);
  }
}

/** Of two standings of one account, the one that a person should hear of. */
function binding(own: Standing, groups: Standing | undefined, nowMs: number): Standing {
  if (groups === undefined || groups.isClosed) return own;
  return own.isClosed || groups.admitsFromMs(nowMs) > own.admitsFromMs(nowMs) ? groups : own;
}

function peopleAdmitFromMs(human: HumanState): number {
  if (human.kind === 'enabled') return -Infinity;
  return human.kind === 'paused' ? (human.untilMs ?? Infinity) : Infinity;
}
