import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { asId } from '#kernel';
import type { ObjectKind } from '#ai-provider';
import type { Repository } from 'typeorm';
import { PinStore } from '../pins/pin-store.js';
import type { Pin, PinPage, PinSeeker } from '../pins/pin.js';
import { PinnedObjectEntity } from './pinned-object.entity.js';

/** Pins in Postgres. */
@Injectable()
export class PostgresPinStore extends PinStore {
  constructor(@InjectRepository(PinnedObjectEntity) private readonly rows: Repository<PinnedObjectEntity>) {
    super();
  }

  async save(pins: readonly Pin[]): Promise<void> {
    // In order of the key, so that processes that write at once cannot wait for each other in a ring.
    const rows = pins.map(rowOf).sort((a, b) => (keyOf(a) < keyOf(b) ? -1 : 1));
    await this.rows.query(upsert, [JSON.stringify(rows)]);
  }

  async find(kind: ObjectKind, id: string, { owner }: PinSeeker): Promise<Pin | null> {
    const where = owner === null ? { kind, id } : { kind, id, owner };
    const row = await this.rows.findOne({ where, order: { createdAt: 'DESC' } });
    return row === null ? null : pinOf(row);
  }

  async list(kind: ObjectKind, { owner }: PinSeeker, page: PinPage): Promise<readonly Pin[]> {
    const [compare, direction] = page.order === 'desc' ? (['<', 'DESC'] as const) : (['>', 'ASC'] as const);
    const query = this.rows
      .createQueryBuilder('pin')
      .where('pin.kind = :kind', { kind })
      .orderBy('pin.createdAt', direction)
      .addOrderBy('pin.id', direction)
      .limit(page.limit);
    if (owner !== null) query.andWhere('pin.owner = :owner', { owner });
    if (Object.keys(page.having).length > 0)
      query.andWhere('pin.body @> :having::jsonb', { having: JSON.stringify(page.having) });
    const { after } = page;
    if (typeof after === 'string') {
      const before = `SELECT created_at, id FROM pinned_objects WHERE kind = :kind AND id = :after LIMIT 1`;
      query.andWhere(`(pin.created_at, pin.id) ${compare} (${before})`, { after });
    } else if (after !== null) {
      const at = new Date(after.createdAtMs);
      query.andWhere(`(pin.created_at, pin.id) ${compare} (:at, :id)`, { at, id: after.id });
    }
    return (await query.getMany()).map(pinOf);
  }

  async remove(kind: ObjectKind, id: string): Promise<void> {
    await this.rows.delete({ kind, id });
  }

  async check(): Promise<void> {
    await this.rows.query(`SELECT 1 WHERE NOT pg_is_in_recovery()`);
  }

  async prune(nowMs: number, most: number): Promise<number> {
    const deleted: unknown = await this.rows.query(prune, [new Date(nowMs), most]);
    return Array.isArray(deleted) ? Number(deleted[1]) : 0;
  }
}

/** An `owner` that has the thing already keeps its place in lists. */
const upsert = `
  INSERT INTO pinned_objects (kind, id, owner, provider, account_id, body, created_at, expires_at)
  SELECT kind, id, owner, provider, account_id, body, created_at, expires_at
  FROM jsonb_to_recordset($1::jsonb) AS new
    (kind text, id text, owner text, provider text, account_id text, body jsonb, created_at timestamptz, expires_at timestamptz)
  ON CONFLICT (kind, id, owner) DO UPDATE SET
    provider = excluded.provider, account_id = excluded.account_id, body = coalesce(excluded.body, pinned_objects.body),
    expires_at = excluded.expires_at`;

const prune = `
  DELETE FROM pinned_objects WHERE (kind, id, owner) IN (
    SELECT kind, id, owner FROM pinned_objects WHERE expires_at <= $1 LIMIT $2 FOR UPDATE SKIP LOCKED
  )`;

const rowOf = ({ kind, id, owner, provider, accountId, body, createdAtMs, expiresAtMs }: Pin) => ({
  kind,
  id,
  owner: owner ?? '',
  provider,
  account_id: accountId,
  body,
  created_at: new Date(createdAtMs).toISOString(),
  expires_at: new Date(expiresAtMs).toISOString(),
});

const keyOf = ({ kind, id, owner }: { kind: string; id: string; owner: string }): string =>
  `${kind} ${id} ${owner}`;

const pinOf = (row: PinnedObjectEntity): Pin => ({
  // Only this store writes the column.
  kind: row.kind as ObjectKind,
  id: row.id,
  owner: row.owner === '' ? null : asId<'ApiKey'>(row.owner),
  provider: row.provider,
  accountId: asId<'Account'>(row.accountId),
  body: row.body,
  createdAtMs: row.createdAt.getTime(),
  expiresAtMs: row.expiresAt.getTime(),
});
