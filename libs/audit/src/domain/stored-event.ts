import type { AuditActor, AuditEvent, AuditFields, AuditOutcome } from '../audit-event.js';

/** An event as the database keeps it. */
export interface StoredEvent {
  readonly sequence: number;
  /** ms since the epoch. */
  readonly atMs: number;
  readonly actorKind: string;
  readonly actorId: string | null;
  readonly action: string;
  readonly outcome: string;
  readonly targets: readonly string[];
  readonly ip: string | null;
  readonly requestId: string | null;
  readonly correlationId: string | null;
  /** JSON of `{after?, before?, facts?}`, byte for byte as it was hashed. */
  readonly details: string;
  /** Keyed hashes of secrets, `<pepper id>:<hex>`. */
  readonly fingerprints: readonly string[];
  /** Hash of the event before, hex. */
  readonly previous: string;
  /** Hex. */
  readonly hash: string;
}

interface Details {
  readonly before?: AuditFields;
  readonly after?: AuditFields;
  readonly facts?: AuditFields;
}

/** An event as people see it. */
export function eventOf(row: StoredEvent): AuditEvent {
  const { before = null, after = null, facts = null } = JSON.parse(row.details) as Details;
  const { sequence, action, targets, ip, requestId, correlationId, hash } = row;
  return {
    sequence,
    at: new Date(row.atMs),
    actor: { kind: row.actorKind as AuditActor['kind'], id: row.actorId },
    action,
    outcome: row.outcome as AuditOutcome,
    targets,
    ip,
    requestId,
    correlationId,
    before,
    after,
    facts,
    hash,
  };
}
