import type { AuditEvent } from '../audit-event.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { renderings } from '../export/rendering.js';

type EventLine = AuditEvent & Pick<StoredEvent, 'fingerprints' | 'previous'>;

/**
 * Reads back a line of a JSON Lines file.
 *
 * @param line its end included
 * @returns `null` unless the very same line would be written of what was read: nothing may stand in it that is not hashed
 */
export function readEvent(line: Buffer): StoredEvent | null {
  try {
    const event = storedEvent(JSON.parse(line.toString()) as EventLine);
    return line.equals(Buffer.from(renderings.jsonl.line(event))) ? event : null;
  } catch {
    return null;
  }
}

function storedEvent({ at, actor, before, after, facts, ...event }: EventLine): StoredEvent {
  const given = Object.entries({ after, before, facts }).filter(([, fields]) => fields !== null);
  return {
    ...event,
    atMs: Date.parse(String(at)),
    actorKind: actor.kind,
    actorId: actor.id,
    details: JSON.stringify(Object.fromEntries(given)),
  };
}
