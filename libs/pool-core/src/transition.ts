import type { AccountId } from '#kernel';
import type { MachineState } from './account.js';
import type { PooledAccount, PooledGroup } from './pooled-account.js';

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

/** The accounts whose state a call on one of them may change: it, its group, and those limited just before. */
export function concernedBy(account: PooledAccount, group: PooledGroup | null): ReadonlySet<PooledAccount> {
  return new Set([account, ...(group?.members ?? []), ...account.sharedLimit.suspects]);
}

/**
 * Does something to accounts and tells what it changed. A rest that only got longer is no change.
 *
 * @param model whose standing is watched besides the accounts' own; `null` for all
 */
export function transitionsOf(
  accounts: ReadonlySet<PooledAccount>,
  model: string | null,
  rule: string,
  nowMs: number,
  act: () => void,
): Transition[] {
  const states = [...accounts].map((account) => ({ account, before: statesOf(account, model, nowMs) }));
  act();
  return states.flatMap(({ account, before }) => {
    const after = statesOf(account, model, nowMs);
    return [...new Set([...before.keys(), ...after.keys()])].flatMap((about) => {
      const from = before.get(about) ?? closed;
      const to = after.get(about) ?? closed;
      return from.kind === to.kind ? [] : [{ accountId: account.id, model: about, from, to, rule }];
    });
  });
}

const closed: MachineState = { kind: 'closed' };

function statesOf(
  account: PooledAccount,
  model: string | null,
  nowMs: number,
): Map<string | null, MachineState> {
  const states = new Map<string | null, MachineState>([
    [null, account.bindingStanding(nowMs).stateAt(nowMs)],
  ]);
  for (const [name, standing] of account.bindingModelStandings(nowMs)) {
    if (model === null || name === model) states.set(name, standing.stateAt(nowMs));
  }
  return states;
}
