import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { sealedColumnsOf, type SealedColumnName } from './sealed-column.js';

/** One envelope and its row. */
export interface SealedRow {
  readonly id: string;
  readonly sealed: Buffer;
}

/** An envelope to be put in the place of another. */
export interface Resealed extends SealedRow {
  /** What is replaced, and nothing else. */
  readonly previous: Buffer;
}

/** How many envelopes of one column are under one key. */
export interface SealedCount {
  readonly table: string;
  readonly column: string;
  /** `null`: they are no envelopes. */
  readonly keyId: string | null;
  readonly rows: number;
}

/** Reads and replaces envelopes in whatever table they are. */
@Injectable()
export class SealedRows {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  get columns(): SealedColumnName[] {
    return sealedColumnsOf(this.dataSource);
  }

  /** Reads the head of every envelope: about 100 ms for 100,000 rows. */
  async counts(): Promise<SealedCount[]> {
    const counts: SealedCount[] = [];
    for (const { table, column } of this.columns) {
      const rows: { keyId: string | null; rows: number }[] = await this.dataSource.query(
        `SELECT ${keyIdOf(column)} AS "keyId", count(*)::integer AS rows FROM ${quoted(table)}
         WHERE ${quoted(column)} IS NOT NULL GROUP BY 1 ORDER BY 1`,
      );
      counts.push(...rows.map((row) => ({ table, column, ...row })));
    }
    return counts;
  }

  /**
   * The next envelopes that are under another key than this one, in order of row id. Takes no lock.
   *
   * @param after the row id after which to go on; `null`: from the beginning
   */
  next(
    { table, column, rowId, rowIdType }: SealedColumnName,
    keyId: string,
    after: string | null,
    limit: number,
  ): Promise<SealedRow[]> {
    const id = quoted(rowId);
    return this.dataSource.query(
      `SELECT ${id}::text AS id, ${quoted(column)} AS sealed FROM ${quoted(table)}
       WHERE ${quoted(column)} IS NOT NULL AND ${keyIdOf(column)} IS DISTINCT FROM $1
         ${after === null ? '' : `AND ${id} > $3::${rowIdType}`}
       ORDER BY ${id} LIMIT $2`,
      after === null ? [keyId, limit] : [keyId, limit, after],
    );
  }

  /** Replaces the envelopes that still are what they were: what others wrote meanwhile stays. @returns how many it replaced */
  async replace(
    manager: EntityManager,
    { table, column, rowId, rowIdType }: SealedColumnName,
    rows: readonly Resealed[],
  ): Promise<number> {
    const [, replaced]: [unknown, number] = await manager.query(
      `UPDATE ${quoted(table)} AS t SET ${quoted(column)} = n.sealed
       FROM unnest($1::${rowIdType}[], $2::bytea[], $3::bytea[]) AS n (id, sealed, previous)
       WHERE t.${quoted(rowId)} = n.id AND t.${quoted(column)} = n.previous`,
      [rows.map(({ id }) => id), rows.map((row) => row.sealed), rows.map((row) => row.previous)],
    );
    return replaced;
  }

  /** @throws whatever `work` throws, after everything it did is undone */
  transaction<Result>(work: (manager: EntityManager) => Promise<Result>): Promise<Result> {
    return this.dataSource.transaction(work);
  }
}

/** Names come from entities, not from people. */
const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`;

/** The key id in an envelope (see `envelope.ts`) as SQL; null for bytes that are none. */
function keyIdOf(column: string): string {
  const bytes = quoted(column);
  return `CASE WHEN length(${bytes}) >= 4 AND get_byte(${bytes}, 0) = 1
    THEN encode(substring(${bytes} FROM 3 FOR get_byte(${bytes}, 1)), 'escape') END`;
}
