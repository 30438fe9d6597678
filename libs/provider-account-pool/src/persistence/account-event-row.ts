import { asId } from '#kernel';
import type { TimelineEvent, TimelineKind } from '../domain/timeline.js';
import type { AccountEventEntity } from './account-event.entity.js';

/** The row of a line of a timeline. */
export function eventRow({ from, to, ...event }: TimelineEvent): AccountEventEntity {
  return { ...event, fromState: from, toState: to };
}

/** The line of a timeline in a row. */
export function eventOf(row: AccountEventEntity): TimelineEvent {
  const { id, at, model, rule, cause, actor } = row;
  return {
    id,
    accountId: asId<'Account'>(row.accountId),
    at,
    kind: row.kind as TimelineKind,
    model,
    from: row.fromState,
    to: row.toState,
    rule,
    cause,
    callId: row.callId === null ? null : asId<'Call'>(row.callId),
    actor,
  };
}
