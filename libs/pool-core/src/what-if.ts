import type { AccountId } from '#kernel';
import type { AccountLimits, AccountSpec } from './account.js';
import { AccountPool } from './account-pool.js';
import { accountStatuses } from './account-status.js';
import type { AccountStatus } from './account-status.js';
import { explainSelection } from './explain-selection.js';
import { dumpStates, restoreStates } from './saved-states.js';
import { capacityOf } from './capacity.js';
import type { Capacity } from './capacity.js';

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
  readonly capacityBefore: Capacity;
  readonly capacityAfter: Capacity;
}

/**
 * Foretells what changes of accounts would come to, on copies: the pool itself is not touched. What people and the
 * machine hold against accounts counts as it is now; windows count as full, since shares are to hold for a while.
 *
 * @param changes of accounts that the pool does not have change nothing
 * @param model the model whose shares are foretold; `null`: one that no rule excludes
 * @throws RangeError when a weight, a tier or a limit is out of range
 */
export function whatIf(
  pool: AccountPool,
  changes: readonly AccountChange[],
  model: string | null,
  nowMs: number,
): Forecast {
  const changeOf = new Map(changes.map((change) => [change.accountId, change]));
  const specs = pool.accounts.map(({ spec }) => spec);
  const changedSpecs = specs.map((spec) => changed(spec, changeOf.get(spec.id)));
  const statuses = new Map(
    accountStatuses(pool, nowMs).map((status) => [status.accountId, withLearntLimits(pool, status)]),
  );
  const sharesBefore = restedShares(pool, specs, model, nowMs);
  const sharesAfter = restedShares(pool, changedSpecs, model, nowMs);
  return {
    accounts: [...sharesBefore].map(([accountId, shareBefore]) => ({
      accountId,
      shareBefore,
      shareAfter: sharesAfter.get(accountId) ?? 0,
    })),
    capacityBefore: capacityOf(specs, statuses, nowMs),
    capacityAfter: capacityOf(changedSpecs, statuses, nowMs),
  };
}

/** Without the limits that only people have told: a change may take those back. */
function withLearntLimits(pool: AccountPool, status: AccountStatus): AccountStatus {
  const account = pool.account(status.accountId);
  const configured: Partial<Record<string, number | null>> = { ...account?.spec.limits };
  const told = new Set(account?.windows.limited.filter(({ isTold }) => isTold).map(({ name }) => name));
  const windows = status.windows.filter(({ name }) => told.has(name) || (configured[name] ?? null) === null);
  return { ...status, windows };
}

/** Shares of the smallest call there is, in a pool of these accounts whose windows are full. */
function restedShares(
  pool: AccountPool,
  specs: readonly AccountSpec[],
  model: string | null,
  nowMs: number,
): Map<AccountId, number> {
  const copy = new AccountPool(pool.options);
  copy.replaceAccounts(specs, nowMs);
  restoreStates(copy, dumpStates(pool, nowMs), nowMs);
  const explained = explainSelection(copy, { ...smallestAsk, model: model ?? '' }, nowMs);
  return new Map(explained.map(({ accountId, share }) => [accountId, share]));
}

const smallestAsk = {
  inputTokens: 1,
  outputTokens: 0,
  price: null,
  affinity: null,
  exclude: new Set<AccountId>(),
};
const givenOf = (limits: Partial<AccountLimits> = {}): Partial<AccountLimits> =>
  Object.fromEntries(Object.entries(limits).filter(([, limit]) => limit !== undefined));

function changed(spec: AccountSpec, change: AccountChange | undefined): AccountSpec {
  if (change === undefined) return spec;
  const { weight = spec.weight, tier = spec.tier, limits, enabled } = change;
  return {
    ...spec,
    weight,
    tier,
    limits: { ...spec.limits, ...givenOf(limits) },
    human: typeof enabled === 'boolean' ? { kind: enabled ? 'enabled' : 'disabled' } : spec.human,
  };
}
