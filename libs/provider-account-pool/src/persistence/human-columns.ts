import type { HumanState } from '#pool-core';
import type { AccountEntity } from './account.entity.js';

type HumanColumns = Pick<AccountEntity, 'humanState' | 'humanUntil' | 'humanReason'>;

/** A person's word as columns. */
export function humanColumns(state: HumanState, reason: string | null): HumanColumns {
  const untilMs = state.kind === 'paused' ? state.untilMs : null;
  const humanUntil = untilMs === null ? null : new Date(untilMs);
  return { humanState: state.kind, humanUntil, humanReason: reason };
}

/** A person's word out of columns. */
export function humanStateOf({ humanState, humanUntil }: HumanColumns): HumanState {
  return humanState === 'paused'
    ? { kind: 'paused', untilMs: humanUntil?.getTime() ?? null }
    : { kind: humanState };
}
