import type { AccountId, Random } from '#kernel';
import type { MachineState } from '#pool-core';

const minuteMs = 60_000;

/**
 * How long to wait between probes of an account in a state; `null` where a probe tells nothing: a cool-down is over when it
 * is over, a refused key needs a person or a rotation. Credit that is used up is not seen by listing models, so those
 * accounts are asked seldom, and one real call decides.
 */
const everyMs: Record<MachineState['kind'], number | null> = {
  closed: null,
  cooling: null,
  open: minuteMs / 4,
  half_open: minuteMs,
  out_of_quota: 60 * minuteMs,
  auth_failed: null,
};

/** An account that is held back by its state as a whole. */
export interface HeldAccount {
  readonly accountId: AccountId;
  readonly state: MachineState;
}

/** Remembers when each account that is held back is to be probed next. Bounded by the number of accounts. */
export class ProbePlan {
  private readonly dueMs = new Map<AccountId, number>();

  constructor(private readonly random: Random) {}

  /**
   * Takes in how accounts stand now.
   *
   * @param held all that are held back; the rest is forgotten
   * @returns those to probe now; each gets its next turn
   */
  due(held: readonly HeldAccount[], nowMs: number): readonly AccountId[] {
    const known = new Set(held.map(({ accountId }) => accountId));
    for (const id of this.dueMs.keys()) if (!known.has(id)) this.dueMs.delete(id);
    return held.filter((account) => this.isDue(account, nowMs)).map(({ accountId }) => accountId);
  }

  private isDue({ accountId, state }: HeldAccount, nowMs: number): boolean {
    const restMs = probeRestMs(state, this.random);
    if (restMs === null) {
      this.dueMs.delete(accountId);
      return false;
    }
    const dueMs = this.dueMs.get(accountId);
    if (dueMs !== undefined && dueMs > nowMs) return false;
    this.dueMs.set(accountId, nowMs + restMs);
    return dueMs !== undefined;
  }
}

/** Time to the next probe, moved by chance by up to 20 %, so that accounts and replicas do not march in step. */
export function probeRestMs({ kind }: MachineState, random: Random): number | null {
  const restMs = everyMs[kind];
  return restMs === null ? null : restMs * (0.8 + 0.4 * random());
}
