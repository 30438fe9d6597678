import type { AuditTransaction } from '../audit-trail.js';
import type { StoredEvent } from '../domain/stored-event.js';

/** Writes an event as it is. */
export async function insertEvent(transaction: AuditTransaction, event: StoredEvent): Promise<void> {
  await transaction.query(insertion, valuesOf(event));
}

const insertion = `
  INSERT INTO audit_events (sequence, at, actor_kind, actor_id, action, outcome, targets, ip, request_id, correlation_id,
    details, fingerprints, previous, hash)
  VALUES ($1, to_timestamp($2::bigint / 1000.0), $3, $4, $5, $6, $7, $8, $9, $10, $11, $12,
    decode($13, 'hex'), decode($14, 'hex'))`;

const valuesOf = (event: StoredEvent): unknown[] => [
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
  event.previous,
  event.hash,
];
