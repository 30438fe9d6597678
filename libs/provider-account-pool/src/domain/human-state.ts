import { DomainError } from '#kernel';
import type { HumanState } from '#pool-core';

/**
 * Lets a person move an account from one state to another, or not. "Off" is only ended by an explicit "enable", never by
 * a pause running out; "compromised" is never ended.
 *
 * @throws DomainError `conflict` saying why not
 */
export function refuseHumanTransition(from: HumanState['kind'], to: HumanState['kind']): void {
  if (from === 'compromised' && to !== 'compromised') {
    throw new DomainError(
      'conflict',
      'The account is compromised for good. Add a new one with a new credential.',
    );
  }
  if (from === 'disabled' && to === 'paused') {
    throw new DomainError('conflict', 'The account is disabled, and a pause would turn it on when it ends.');
  }
}

/** The state as it stands now: a pause that has run out is no pause. */
export function currentHumanState(state: HumanState, nowMs: number): HumanState {
  const over = state.kind === 'paused' && state.untilMs !== null && state.untilMs <= nowMs;
  return over ? { kind: 'enabled' } : state;
}
