import type { AuditDraft } from '../audit-event.js';
import { currentOrigin } from '../audit-origin.js';
import { boundedJson } from './bounded-json.js';
import type { ChainEnd } from './chain-check.js';
import { eventHash } from './event-hash.js';
import { plainText } from './plain-text.js';
import type { StoredEvent } from './stored-event.js';

const mostTargets = 100;

/**
 * Makes the event that follows another.
 *
 * @param end what it follows
 * @param atMs ms since the epoch, not before the event it follows
 * @param fingerprints keyed hashes of the draft's secrets
 */
export function stampedEvent(
  draft: AuditDraft,
  end: ChainEnd,
  atMs: number,
  fingerprints: readonly string[],
): StoredEvent {
  const { action, targets, outcome = 'succeeded', origin = currentOrigin() } = draft;
  const event = {
    sequence: end.sequence + 1,
    atMs,
    actorKind: origin.actor.kind,
    actorId: origin.actor.id,
    action,
    outcome,
    targets: targets.slice(0, mostTargets).map(plainTarget),
    ip: optional(origin.ip),
    requestId: optional(origin.requestId),
    correlationId: optional(origin.correlationId),
    details: detailsOf(draft),
    fingerprints,
    previous: end.hash,
  };
  return { ...event, hash: eventHash(event) };
}

/** The kind is a word of ours: `api_key:` in front of an id would else be taken for the announcement of a key. */
function plainTarget(target: string): string {
  const [kind = '', ...id] = target.split(':');
  return id.length === 0 ? plainText(target) : `${plainText(kind)}:${plainText(id.join(':'))}`;
}

const optional = (text: string | null): string | null => (text === null ? null : plainText(text));

function detailsOf({ before, after, facts }: AuditDraft): string {
  const given = Object.entries({ after, before, facts }).flatMap(([name, fields]) =>
    fields == null ? [] : [[name, boundedJson(fields)] as const],
  );
  return JSON.stringify(Object.fromEntries(given));
}
