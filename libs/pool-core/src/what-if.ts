import type { AccountId } from '#kernel';
import type { AccountLimits, AccountSpec } from './account.js';
import { AccountPool } from './account-pool.js';
import { accountStatuses } from './account-status.js';
import type { Ask } from './ask.js';
import { explainSelection } from './explain-selection.js';
import { dumpStates, restoreStates } from './saved-states.js';
import { poolCapacity } from './pool-capacity.js';
import type { PoolCapacity } from './pool-capacity.js';

/** What might be changed about an account; what is not given stays. */
export interface AccountChange {
  readonly accountId: AccountId;
  readonly weight?: number;
  readonly tier?: number;
  readonly limits?: Partial<AccountLimits>;
  /** `false`: it is lost. */
  readonly enabled?: boolean;
}

/** What a pool comes to, now and with the changes. */
export interface Forecast {
  readonly accounts: readonly {
    readonly accountId: AccountId;
    readonly shareBefore: number;
    readonly shareAfter: number;
  }[];
  readonly capacityBefore: PoolCapacity;
  readonly capacityAfter: PoolCapacity;
}

/**
 * Foretells what changes of accounts would come to, on copies: the pool itself is not touched. What people and the
 * machine hold against accounts counts as it is now; windows count as full, since shares are to hold for a while.
 *
 * @param changes of accounts that the pool does not have change nothing
 * @throws RangeError when a weight, a tier or a limit is out of range
 */
export function whatIf(
  pool: AccountPool,
  changes: readonly AccountChange[],
  ask: Ask,
  nowMs: number,
): Forecast {
  const changeOf = new Map(changes.map((change) => [change.accountId, change]));
  const specs = pool.accounts.map(({ spec }) => spec);
  const changedSpecs = specs.map((spec) => changed(spec, changeOf.get(spec.id)));
  const statuses = new Map(accountStatuses(pool, nowMs).map((status) => [status.accountId, status]));
  const sharesBefore = sharesOf(restedPool(pool, specs, nowMs), ask, nowMs);
  const sharesAfter = sharesOf(restedPool(pool, changedSpecs, nowMs), ask, nowMs);
  return {
    accounts: [...sharesBefore].map(([accountId, shareBefore]) => ({
      accountId,
      shareBefore,
      shareAfter: sharesAfter.get(accountId) ?? 0,
    })),
    capacityBefore: poolCapacity(specs, statuses, nowMs),
    capacityAfter: poolCapacity(changedSpecs, statuses, nowMs),
  };
}

function restedPool(pool: AccountPool, specs: readonly AccountSpec[], nowMs: number): AccountPool {
  const copy = new AccountPool(pool.options);
  copy.replaceAccounts(specs, nowMs);
  restoreStates(copy, dumpStates(pool, nowMs), nowMs);
  return copy;
}

function changed(spec: AccountSpec, change: AccountChange | undefined): AccountSpec {
  if (change === undefined) return spec;
  const { weight = spec.weight, tier = spec.tier, limits, enabled } = change;
  return {
    ...spec,
    weight,
    tier,
    limits: { ...spec.limits, ...limits },
    human: enabled === undefined ? spec.human : { kind: enabled ? 'enabled' : 'disabled' },
  };
}

function sharesOf(pool: AccountPool, ask: Ask, nowMs: number): Map<AccountId, number> {
  return new Map(explainSelection(pool, ask, nowMs).map(({ accountId, share }) => [accountId, share]));
}
