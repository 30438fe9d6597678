import type { AccountId } from '#kernel';
import type { MachineState } from '#pool-core';
import type { AccountMoved } from './pool-events.js';

const kinds: Record<MachineState['kind'], AccountMoved['kind']> = {
  closed: 'account.recovered',
  cooling: 'account.cooled',
  open: 'account.opened',
  half_open: 'account.half_open',
  out_of_quota: 'account.out_of_quota',
  auth_failed: 'account.auth_failed',
};

/** The event that tells of an account's new state. */
export function movedEvent(
  provider: string,
  accountId: AccountId,
  model: string | null,
  to: MachineState,
  rule: string,
  atMs: number,
): AccountMoved {
  const untilMs = 'untilMs' in to ? to.untilMs : null;
  return { kind: kinds[to.kind], atMs, provider, accountId, model, rule, untilMs };
}
