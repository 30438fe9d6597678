import type { AccountId } from '#kernel';
import type { HumanState, MachineState } from './account.js';
import type { AccountPool } from './account-pool.js';
import type { PooledAccount, PooledGroup } from './pooled-account.js';
import type { WindowName } from './rate-window/limit-kinds.js';
import type { RateWindow } from './rate-window/rate-window.js';

/** One limit of an account now. */
export interface WindowStatus {
  readonly name: WindowName;
  /** Units it holds when full: the configured or learnt limit less the safety margin. */
  readonly capacity: number;
  /** Units left; negative while in debt. */
  readonly left: number;
}

/** What the members of a quota group use together now. */
export interface QuotaGroupStatus {
  readonly id: string;
  /** Calls under way. */
  readonly inFlight: number;
  /** `null` when not limited. */
  readonly maxConcurrency: number | null;
  /** Known limits alone. */
  readonly windows: readonly WindowStatus[];
}

/** An account now, for people and metrics. */
export interface AccountStatus {
  readonly accountId: AccountId;
  readonly tier: number;
  readonly weight: number;
  readonly human: HumanState;
  readonly credentialUsable: boolean;
  readonly machine: MachineState;
  /** Models that something is held against. */
  readonly models: readonly { readonly model: string; readonly machine: MachineState }[];
  /** Calls under way. */
  readonly inFlight: number;
  /** `null` when not limited. */
  readonly maxConcurrency: number | null;
  /** Known limits alone. */
  readonly windows: readonly WindowStatus[];
  /** What it shares with others; `null` when its limits are its own. */
  readonly quotaGroup: QuotaGroupStatus | null;
  /** Spent in this UTC day, nano US dollars. */
  readonly dailySpentNanoUsd: number;
  /** Spent in this UTC month, nano US dollars. */
  readonly monthlySpentNanoUsd: number;
  /** Share of recent calls that did not fail, in [0, 1]. */
  readonly health: number;
}

/** All accounts of a pool now, lowest tier first. */
export function accountStatuses(pool: AccountPool, nowMs: number): AccountStatus[] {
  const { minimumCalls } = pool.options.breaker;
  return pool.accounts.map((account) => statusOf(account, minimumCalls, nowMs));
}

function statusOf(account: PooledAccount, minimumCalls: number, nowMs: number): AccountStatus {
  return {
    accountId: account.id,
    tier: account.tier,
    weight: account.weight,
    human: account.spec.human,
    credentialUsable: account.spec.credentialUsable,
    machine: account.bindingStanding(nowMs).stateAt(nowMs),
    models: [...account.bindingModelStandings(nowMs)].map(([model, standing]) => ({
      model,
      machine: standing.stateAt(nowMs),
    })),
    inFlight: account.inFlight,
    maxConcurrency: account.spec.limits.maxConcurrency,
    windows: account.windows.limited.map((window) => windowStatus(window, nowMs)),
    dailySpentNanoUsd: account.budget.dailySpent(nowMs),
    monthlySpentNanoUsd: account.budget.monthlySpent(nowMs),
    quotaGroup: account.group === null ? null : groupStatus(account.group, nowMs),
    health: 1 - account.calls.failureRatioAt(nowMs, minimumCalls),
  };
}

function groupStatus(
  { id, inFlight, maxConcurrency, windows }: PooledGroup,
  nowMs: number,
): QuotaGroupStatus {
  return {
    id,
    inFlight,
    maxConcurrency: maxConcurrency === Infinity ? null : maxConcurrency,
    windows: windows.limited.map((window) => windowStatus(window, nowMs)),
  };
}

function windowStatus(window: RateWindow<WindowName>, nowMs: number): WindowStatus {
  return { name: window.name, capacity: window.capacityUnits, left: window.levelAt(nowMs) };
}
