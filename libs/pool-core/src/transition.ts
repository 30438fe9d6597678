import type { AccountId } from '#kernel';
import type { MachineState } from './account.js';
import type { Standing } from './circuit-breaker/standing.js';
import type { PooledAccount } from './pooled-account.js';

/** A change of what the machine holds of an account; an entry of its timeline. */
export interface Transition {
  readonly accountId: AccountId;
  /** The model it is about; `null` when it is about the whole account. */
  readonly model: string | null;
  readonly from: MachineState;
  readonly to: MachineState;
  /** What caused it: the rule of a failure, or of the way back. */
  readonly rule: string;
}

/**
 * Does something to an account and tells what it changed. A rest that only got longer is no change.
 *
 * @param model whose standing is watched besides the account's own; `null` for all
 */
export function transitionsOf(
  account: PooledAccount,
  model: string | null,
  rule: string,
  nowMs: number,
  act: () => void,
): Transition[] {
  const before = statesOf(account, model, nowMs);
  act();
  const after = statesOf(account, model, nowMs);
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((about) => {
    const from = before.get(about) ?? closed;
    const to = after.get(about) ?? closed;
    return from.kind === to.kind ? [] : [{ accountId: account.id, model: about, from, to, rule }];
  });
}

const closed: MachineState = { kind: 'closed' };

function statesOf(
  account: PooledAccount,
  model: string | null,
  nowMs: number,
): Map<string | null, MachineState> {
  const states = new Map<string | null, MachineState>([[null, account.standing.stateAt(nowMs)]]);
  const add = (name: string, standing: Standing) => states.set(name, standing.stateAt(nowMs));
  if (model === null) account.modelStandings.forEach((standing, name) => add(name, standing));
  else account.modelStandings.forEach((standing, name) => name === model && add(name, standing));
  return states;
}
