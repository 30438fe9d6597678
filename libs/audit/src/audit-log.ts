import { Injectable } from '@nestjs/common';
import { DomainError, pageOf, readCursor, type Page, type PageRequest, type Secret } from '#kernel';
import type { AuditEvent } from './audit-event.js';
import type { AuditFilter } from './audit-filter.js';
import { eventOf } from './domain/stored-event.js';
import { Fingerprints } from './fingerprints.js';
import { AuditRows } from './persistence/audit-rows.js';

/** Events of one secret that are shown at most. */
const mostOfSecret = 500;

/** Shows events. */
@Injectable()
export class AuditLog {
  constructor(
    private readonly rows: AuditRows,
    private readonly fingerprints: Fingerprints,
  ) {}

  /** Newest first. @throws DomainError `invalid_request` for a cursor that is none of ours */
  async list({ limit, cursor }: PageRequest, filter: AuditFilter): Promise<Page<AuditEvent>> {
    const before = readCursor(cursor);
    if (cursor !== null && (before === null || !/^-?\d{1,15}$/.test(before))) {
      throw new DomainError('invalid_request', 'Unknown cursor.', { field: 'cursor' });
    }
    const rows = await this.rows.page(filter, before === null ? null : Number(before), limit + 1);
    const { data, nextCursor } = pageOf(rows, limit, ({ sequence }) => String(sequence));
    return { data: data.map(eventOf), nextCursor };
  }

  /** The events in which a secret was made, shown or taken in, newest first, up to 500: found by its keyed hash. */
  async findSecret(secret: Secret): Promise<AuditEvent[]> {
    const filter = { fingerprints: this.fingerprints.allOf(secret) };
    return (await this.rows.page(filter, null, mostOfSecret)).map(eventOf);
  }
}
