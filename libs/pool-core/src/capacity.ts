import type { AccountId } from '#kernel';
import type { AccountLimits, AccountSpec } from './account.js';
import type { AccountStatus } from './account-status.js';

/** What accounts may do together; `null` where no limit is known. */
export interface Capacity {
  /** Requests per minute. */
  readonly rpm: number | null;
  /** All tokens per minute. */
  readonly tpm: number | null;
  /** Calls at once. */
  readonly concurrency: number | null;
}

/**
 * Adds up the limits of all accounts that are in service: switched on, with a usable key that is neither refused nor out
 * of credit. Members of a quota group count for no more than the group may do. Accounts without a limit count for what
 * was learnt, else for nothing.
 *
 * @param statuses of the accounts now; one that is missing counts as well
 */
export function capacityOf(
  specs: readonly AccountSpec[],
  statuses: ReadonlyMap<AccountId, AccountStatus>,
  nowMs: number,
): Capacity {
  const inService = specs.filter((spec) => isInService(spec, statuses.get(spec.id), nowMs));
  const sum = (name: 'rpm' | 'tpm' | 'maxConcurrency'): number | null => {
    const byGroup = Map.groupBy(inService, ({ quotaGroup }) => quotaGroup?.id ?? null);
    const totals = [...byGroup].map(([group, members]) => {
      const own = total(members.map((spec) => limitOf(spec, statuses.get(spec.id), name)));
      const shared = group === null ? null : (members[0]?.quotaGroup?.limits[name] ?? null);
      return own === null || shared === null ? (own ?? shared) : Math.min(own, shared);
    });
    return total(totals);
  };
  return { rpm: sum('rpm'), tpm: sum('tpm'), concurrency: sum('maxConcurrency') };
}

function isInService(
  { human, credentialUsable }: AccountSpec,
  status: AccountStatus | undefined,
  nowMs: number,
): boolean {
  const isOn = human.kind === 'enabled' || (human.kind === 'paused' && (human.untilMs ?? Infinity) <= nowMs);
  const machine = status?.machine.kind;
  return isOn && credentialUsable && machine !== 'auth_failed' && machine !== 'out_of_quota';
}

function limitOf(
  { limits }: AccountSpec,
  status: AccountStatus | undefined,
  name: keyof AccountLimits,
): number | null {
  return limits[name] ?? status?.windows.find((window) => window.name === name)?.capacity ?? null;
}

function total(amounts: readonly (number | null)[]): number | null {
  const known = amounts.filter((amount) => amount !== null);
  return known.length === 0 ? null : known.reduce((sum, amount) => sum + amount, 0);
}
