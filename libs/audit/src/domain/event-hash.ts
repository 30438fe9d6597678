import { hash } from 'node:crypto';
import type { StoredEvent } from './stored-event.js';

/** The form of the canonical bytes; another form gets another number. */
const form = 1;

/** What the first event of all follows. */
export const genesisHash = '0'.repeat(64);

/**
 * The hash of an event: SHA-256 over its canonical bytes, the JSON text of an array of all its fields in fixed order behind
 * the hash of the event before it. No two events have the same bytes.
 *
 * @returns hex
 */
export function eventHash(event: Omit<StoredEvent, 'hash'>): string {
  const bytes = JSON.stringify([
    form,
    event.previous,
    event.sequence,
    event.atMs,
    event.actorKind,
    event.actorId,
    event.action,
    event.outcome,
    event.targets,
    event.ip,
    event.requestId,
    event.correlationId,
    event.details,
    event.fingerprints,
  ]);
  return hash('sha256', bytes, 'hex');
}
