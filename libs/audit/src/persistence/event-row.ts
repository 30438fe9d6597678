import type { StoredEvent } from '../domain/stored-event.js';

/** A row as the driver gives it. */
export interface EventRow extends Omit<StoredEvent, 'sequence' | 'atMs' | 'targets' | 'fingerprints'> {
  readonly sequence: string;
  readonly atMs: string;
  readonly targets: string;
  readonly fingerprints: string[] | null;
}

/**
 * What is selected of an event, as cheaply as it goes: arithmetic with `numeric` and the driver's reading of arrays would be a
 * third of all work. A whole number of ms is exact in double precision.
 */
export const eventColumns = `
  sequence, (date_part('epoch', at) * 1000)::bigint AS "atMs", actor_kind AS "actorKind", actor_id AS "actorId", action,
  outcome, array_to_json(targets)::text AS targets, ip, request_id AS "requestId", correlation_id AS "correlationId", details,
  nullif(fingerprints, '{}') AS fingerprints,
  encode(previous, 'hex') AS previous, encode(hash, 'hex') AS hash`;

/** The driver gives a `bigint` as text. */
export const storedEventOf = (row: EventRow): StoredEvent =>
  Object.assign(row, {
    sequence: Number(row.sequence),
    atMs: Number(row.atMs),
    targets: JSON.parse(row.targets) as string[],
    fingerprints: row.fingerprints ?? [],
  });
