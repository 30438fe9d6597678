import type { AccountId, CallId } from '#kernel';
import { eventIdAt } from './event-id.js';

/** What a line of a timeline is about: a word for what people did, or that the machine moved. */
export type TimelineKind =
  | 'created'
  | 'changed'
  | 'enabled'
  | 'disabled'
  | 'paused'
  | 'compromised'
  | 'credential_replaced'
  | 'cooldown_cleared'
  | 'tested'
  | 'machine_state';

/** One line of an account's timeline. Holds no key and nothing a provider wrote. */
export interface TimelineEvent {
  /** UUID v7: ordered by time. */
  readonly id: string;
  readonly accountId: AccountId;
  readonly at: Date;
  readonly kind: TimelineKind;
  /** The model concerned; `null` for the account as a whole. */
  readonly model: string | null;
  readonly from: string | null;
  readonly to: string | null;
  /** The rule that decided. */
  readonly rule: string | null;
  /** Why, in words: a failure class, or the reason a person gave. */
  readonly cause: string | null;
  readonly callId: CallId | null;
  /** Who did it; `null` for the machine. */
  readonly actor: string | null;
}

/** What must be said about an event; the rest defaults to `null`. */
export type TimelineNote = Pick<TimelineEvent, 'accountId' | 'kind'> &
  Partial<Omit<TimelineEvent, 'id' | 'at' | 'accountId' | 'kind'>>;

/** Makes a line of a timeline. */
export function timelineEvent<Kind extends TimelineKind>(
  note: TimelineNote & { readonly kind: Kind },
  atMs: number,
): TimelineEvent & { readonly kind: Kind } {
  const { accountId, kind, model = null, from = null, to = null } = note;
  const { rule = null, cause = null, callId = null, actor = null } = note;
  const id = eventIdAt(atMs);
  return { id, accountId, at: new Date(atMs), kind, model, from, to, rule, cause, callId, actor };
}
