import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { AuditDraft } from '../audit-event.js';
import { AuditTrail, type AuditTransaction } from '../audit-trail.js';
import { stampedEvent } from '../domain/stamped-event.js';
import { Fingerprints } from '../fingerprints.js';
import { insertEvent } from './insert-event.js';

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
      await insertEvent(transaction, event);
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
