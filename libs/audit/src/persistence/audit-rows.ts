import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { AuditFilter } from '../audit-filter.js';
import type { ChainEnd } from '../domain/chain-check.js';
import type { StoredEvent } from '../domain/stored-event.js';
import { whereOf } from './filter-sql.js';
import { eventColumns, storedEventOf, type EventRow } from './event-row.js';

/** Events read at a time where many are: a few MB. */
const batchSize = 5_000;

/** Reads events. */
@Injectable()
export class AuditRows {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** Newest first. @param before only events of smaller sequence */
  async page(filter: AuditFilter, before: number | null, limit: number): Promise<StoredEvent[]> {
    const { clause, values } = whereOf({ ...filter, ...(before !== null && { beforeSequence: before }) });
    const rows: EventRow[] = await this.dataSource.query(
      `SELECT ${eventColumns} FROM audit_events WHERE ${clause} ORDER BY sequence DESC LIMIT ${limit}`,
      values,
    );
    return rows.map(storedEventOf);
  }

  /** All that match, oldest first, in bounded memory. No transaction is held open meanwhile. */
  async *all(filter: AuditFilter = {}): AsyncGenerator<StoredEvent[]> {
    const { clause, values } = whereOf(filter);
    let next = this.batch(clause, values, [Number.MIN_SAFE_INTEGER, 0]);
    for (;;) {
      const rows = await next;
      const last = rows.at(-1);
      if (last === undefined) return;
      const more = rows.length === batchSize;
      // The next batch is fetched while this one is worked on.
      if (more) next = this.batch(clause, values, [last.sequence, last.atMs]);
      yield rows;
      if (!more) return;
    }
  }

  /** The newest event; `null` when there is none. */
  async head(): Promise<(ChainEnd & { readonly atMs: number }) | null> {
    const [event] = await this.page({}, null, 1);
    return event ?? null;
  }

  private async batch(
    clause: string,
    values: readonly unknown[],
    [sequence, atMs]: readonly [number, number],
  ): Promise<StoredEvent[]> {
    const at = values.length + 1;
    const rows: EventRow[] = await this.dataSource.query(
      `SELECT ${eventColumns} FROM audit_events
       WHERE ${clause} AND (sequence, at) > ($${at}, to_timestamp($${at + 1}::bigint / 1000.0))
       ORDER BY sequence, at LIMIT ${batchSize}`,
      [...values, sequence, atMs],
    );
    return rows.map(storedEventOf);
  }
}
