import type { PoolAccount, PoolSnapshot } from '../domain/pool-snapshot.js';
import type { AccountView } from './account-view.js';

/** Which accounts are wanted; all of what is given must hold. */
export interface AccountFilter {
  /** Name or id of a provider. */
  readonly provider?: string;
  /** A word of `state.human` or `state.machine`. */
  readonly state?: string;
  /** Part of the name, in any case. */
  readonly name?: string;
  readonly quotaGroupId?: string;
}

/** What can be told from the configuration alone. */
export function matchesConfig(
  filter: AccountFilter,
  { providers }: PoolSnapshot,
): (account: PoolAccount) => boolean {
  const row = [...providers.values()].find(({ id }) => id === filter.provider);
  const pool = row?.name ?? filter.provider;
  const part = filter.name?.toLowerCase();
  return ({ provider, name, spec }) =>
    (pool === undefined || provider === pool) &&
    (part === undefined || name.toLowerCase().includes(part)) &&
    (filter.quotaGroupId === undefined || spec.quotaGroup?.id === filter.quotaGroupId);
}

/** What takes the state of the moment. */
export const matchesState = ({ state }: AccountFilter, account: AccountView): boolean =>
  state === undefined || account.state.human === state || account.state.machine === state;
