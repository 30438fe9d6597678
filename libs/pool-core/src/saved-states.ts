import type { AccountId } from '#kernel';
import type { MachineState } from './account.js';
import type { AccountPool } from './account-pool.js';
import type { Standing } from './circuit-breaker/standing.js';

/** What must survive a restart of what the machine holds of an account; plain JSON. */
export interface SavedState {
  readonly accountId: AccountId;
  /** `null` when it is about the whole account. */
  readonly model: string | null;
  readonly state: MachineState;
  /** Cool-downs in a row. */
  readonly coolDowns: number;
  /** Openings of the circuit in a row. */
  readonly openings: number;
}

/** Everything that is held against the accounts of a pool now; empty when all are well. */
export function dumpStates(pool: AccountPool, nowMs: number): SavedState[] {
  return pool.accounts.flatMap(({ id, standing, modelStandings }) => [
    ...saved(id, null, standing, nowMs),
    ...[...modelStandings].flatMap(([model, ofModel]) => saved(id, model, ofModel, nowMs)),
  ]);
}

/** Puts saved states back. A rest that has ended meanwhile is half-open; accounts the pool does not have are passed over. */
export function restoreStates(pool: AccountPool, states: readonly SavedState[], nowMs: number): void {
  for (const { accountId, model, state, coolDowns, openings } of states) {
    const account = pool.account(accountId);
    const standing = model === null ? account?.standing : account?.openStandingOf(model);
    standing?.restore(state, coolDowns, openings, nowMs);
  }
}

function saved(
  accountId: AccountId,
  model: string | null,
  standing: Standing,
  nowMs: number,
): readonly SavedState[] {
  if (standing.isClosed) return [];
  const { coolDowns, openings } = standing;
  return [{ accountId, model, state: standing.stateAt(nowMs), coolDowns, openings }];
}
