import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { AuditDraft } from '../audit-event.js';
import { AuditTrail, type AuditTransaction } from '../audit-trail.js';
import { stampedEvent } from '../domain/stamped-event.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { Fingerprints } from '../fingerprints.js';

/** Writes events to Postgres. Of all transactions that append, one at a time is between its first event and its commit. */
@Injectable()
export class PostgresAuditTrail extends AuditTrail {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly fingerprints: Fingerprints,
  ) {
    super();
  }

  override async append(transaction: AuditTransaction, drafts: readonly AuditDraft[]): Promise<void> {
    if (drafts.length === 0) return;
    const [head] = await transaction.query<Head[]>(readHead);
    if (head === undefined) throw new Error('the audit log has no head');
    let end = { sequence: Number(head.sequence), hash: head.hash };
    for (const draft of drafts) {
      const secrets = (draft.secrets ?? []).map((secret) => this.fingerprints.of(secret));
      const event = stampedEvent(draft, end, Number(head.atMs), secrets);
      await transaction.query(insertEvent, valuesOf(event));
      end = event;
    }
  }

  override record(drafts: readonly AuditDraft[]): Promise<void> {
    return this.dataSource.transaction('READ COMMITTED', (manager) => this.append(manager, drafts));
  }
}

interface Head {
  readonly sequence: string;
  readonly hash: string;
  readonly atMs: string;
}

const readHead = `SELECT sequence, hash, (extract(epoch FROM at) * 1000)::bigint AS "atMs" FROM audit_head()`;

const insertEvent = `
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
