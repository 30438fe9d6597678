import type { AccountId } from '#kernel';
import type { MachineState } from './account.js';
import type { AccountPool } from './account-pool.js';
import { Standing } from './circuit-breaker/standing.js';

/** What must survive a restart of what the machine holds of an account or of one model on it; plain JSON. */
export interface SavedState {
  readonly accountId: AccountId;
  /** `null` when it is about the whole account. */
  readonly model: string | null;
  readonly state: MachineState;
  /** Cool-downs without a hint in a row. */
  readonly coolDowns: number;
  /** Openings of the circuit in a row. */
  readonly openings: number;
}

/**
 * Everything that is held against the accounts of a pool now; empty when all are well. What is held against a quota
 * group is saved with each of its members, and comes back as held against each.
 */
export function dumpStates(pool: AccountPool, nowMs: number): SavedState[] {
  const everything = pool.accounts.flatMap((account) => [
    saved(account.id, null, account.bindingStanding(nowMs), nowMs),
    ...[...account.bindingModelStandings(nowMs)].map(([model, ofModel]) =>
      saved(account.id, model, ofModel, nowMs),
    ),
  ]);
  return everything.filter(({ state }) => state.kind !== 'closed');
}

/**
 * What is held against one account, or one model on it, now: what to save after a transition.
 *
 * @param model `null` for the account itself
 * @returns `closed` when nothing is held, or the pool does not have the account
 */
export function dumpState(
  pool: AccountPool,
  accountId: AccountId,
  model: string | null,
  nowMs: number,
): SavedState {
  const account = pool.account(accountId);
  const standing =
    model === null ? account?.bindingStanding(nowMs) : account?.bindingModelStandings(nowMs).get(model);
  return saved(accountId, model, standing ?? new Standing(), nowMs);
}

/**
 * Puts saved states back, in place of what is held now. A rest that has ended meanwhile is half-open; accounts that the
 * pool does not have are passed over.
 */
export function restoreStates(pool: AccountPool, states: readonly SavedState[], nowMs: number): void {
  for (const { accountId, model, state, coolDowns, openings } of states) {
    const account = pool.account(accountId);
    if (account === undefined) continue;
    pool.noteChange(account);
    const standing = model === null ? account.standing : account.openStandingOf(model);
    standing.restore(state, coolDowns, openings, nowMs);
  }
}

function saved(accountId: AccountId, model: string | null, standing: Standing, nowMs: number): SavedState {
  const { coolDowns, openings } = standing;
  return { accountId, model, state: standing.stateAt(nowMs), coolDowns, openings };
}
