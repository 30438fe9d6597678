import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import type { AuditTransaction } from '../audit-trail.js';
import type { Seal } from '../retention/seal.js';

type SealRow = Omit<Seal, 'firstSequence' | 'lastSequence' | 'lastAtMs'> &
  Record<'firstSequence' | 'lastSequence' | 'lastAtMs', string>;

/** Reads and writes seals. */
@Injectable()
export class SealRows {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** In order of sequence. */
  async all(): Promise<Seal[]> {
    const rows: SealRow[] = await this.dataSource.query(readSeals);
    return rows.map((row) => ({
      ...row,
      firstSequence: Number(row.firstSequence),
      lastSequence: Number(row.lastSequence),
      lastAtMs: Number(row.lastAtMs),
    }));
  }

  async insert(transaction: AuditTransaction, seal: Seal): Promise<void> {
    await transaction.query(insertSeal, [
      seal.partition,
      seal.firstSequence,
      seal.lastSequence,
      seal.lastAtMs,
      seal.previousHash,
      seal.headHash,
      seal.archive,
      seal.archiveSha256,
      seal.keyId,
      seal.signature,
    ]);
  }
}

const readSeals = `
  SELECT partition_name AS "partition", first_sequence AS "firstSequence", last_sequence AS "lastSequence",
    (extract(epoch FROM last_at) * 1000)::bigint AS "lastAtMs", encode(previous_hash, 'hex') AS "previousHash",
    encode(head_hash, 'hex') AS "headHash", archive, archive_sha256 AS "archiveSha256", key_id AS "keyId", signature
  FROM audit_seals ORDER BY first_sequence, last_sequence`;

const insertSeal = `
  INSERT INTO audit_seals (partition_name, first_sequence, last_sequence, last_at, previous_hash, head_hash, archive,
    archive_sha256, key_id, signature)
  VALUES ($1, $2, $3, to_timestamp($4::bigint / 1000.0), decode($5, 'hex'), decode($6, 'hex'), $7, $8, $9, $10)`;
