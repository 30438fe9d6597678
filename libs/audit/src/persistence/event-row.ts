import type { StoredEvent } from '../domain/stored-event.js';

/** A row as the driver gives it. */
export interface EventRow extends Omit<StoredEvent, 'sequence' | 'atMs'> {
  readonly sequence: string;
  readonly atMs: string;
}

/** What is selected of an event. */
export const eventColumns = `
  sequence, (extract(epoch FROM at) * 1000)::bigint AS "atMs", actor_kind AS "actorKind", actor_id AS "actorId", action,
  outcome, targets, ip, request_id AS "requestId", correlation_id AS "correlationId", details, fingerprints,
  encode(previous, 'hex') AS previous, encode(hash, 'hex') AS hash`;

/** The driver gives a `bigint` as text. */
export const storedEventOf = (row: EventRow): StoredEvent =>
  Object.assign(row, { sequence: Number(row.sequence), atMs: Number(row.atMs) });
