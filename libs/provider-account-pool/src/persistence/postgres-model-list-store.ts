import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import { asId, type AccountId } from '#kernel';
import type { DataSource } from 'typeorm';
import { ModelListStore, type ListReading } from '../catalogue/model-list-store.js';
import type { ListClaim, ModelList } from '../catalogue/model-list.js';

/** A process that died with a claim keeps others from reading for this long. */
const claimSeconds = 120;

interface ListRow {
  readonly account_id: string;
  readonly models: string[] | null;
  readonly read_at: Date | null;
  readonly fault: string | null;
}

interface ClaimRow {
  readonly account_id: string;
  readonly fence: string;
}

/** Lists of models in Postgres. The clock of the database decides about claims and about what is news. */
@Injectable()
export class PostgresModelListStore extends ModelListStore {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {
    super();
  }

  async changes(since: string | null): Promise<{ lists: readonly ModelList[]; next: string | null }> {
    const rows: (ListRow & { readonly changed: string })[] = await this.dataSource.query(changes, [since]);
    return { lists: rows.map(listOf), next: rows.at(-1)?.changed ?? since };
  }

  async claimDue(most: number): Promise<readonly ListClaim[]> {
    await this.dataSource.query(enrol);
    return this.claims(claimDue, [most, claimSeconds]);
  }

  async claim(accountId: AccountId): Promise<ListClaim | null> {
    await this.dataSource.query(enrolOne, [accountId]);
    return (await this.claims(claimOne, [accountId, claimSeconds]))[0] ?? null;
  }

  async finish(
    { accountId, fence }: ListClaim,
    { models, fault }: ListReading,
    restMs: number,
  ): Promise<boolean> {
    const list = models === null ? null : JSON.stringify(models);
    return (await this.updated(finish, [accountId, fence, list, fault, restMs / 1000])).length === 1;
  }

  private async claims(sql: string, parameters: unknown[]): Promise<ListClaim[]> {
    const rows = await this.updated<ClaimRow>(sql, parameters);
    return rows.map(({ account_id, fence }) => ({ accountId: asId<'Account'>(account_id), fence }));
  }

  /** TypeORM answers an UPDATE with its rows and their number. */
  private async updated<Row>(sql: string, parameters: unknown[]): Promise<Row[]> {
    const [rows] = await this.dataSource.query<[Row[], number]>(sql, parameters);
    return rows;
  }
}

/** What a transaction that is not over yet will write is seen later: a second of overlap is read again. */
const changes = `
  SELECT account_id, models, read_at, fault, (changed_at - interval '1 second')::text AS changed
  FROM account_model_lists
  WHERE $1::timestamptz IS NULL OR changed_at > $1::timestamptz
  ORDER BY changed_at`;

const enrol = `
  INSERT INTO account_model_lists (account_id)
  SELECT id FROM accounts WHERE NOT EXISTS (SELECT FROM account_model_lists WHERE account_id = accounts.id)
  ORDER BY id ON CONFLICT DO NOTHING`;

const enrolOne = `
  INSERT INTO account_model_lists (account_id) SELECT id FROM accounts WHERE id = $1 ON CONFLICT DO NOTHING`;

const claimDue = `
  UPDATE account_model_lists SET fence = fence + 1, claimed_until = now() + make_interval(secs => $2)
  WHERE account_id IN (
    SELECT account_id FROM account_model_lists
    WHERE next_read_at <= now() AND (claimed_until IS NULL OR claimed_until <= now())
    ORDER BY next_read_at LIMIT $1 FOR UPDATE SKIP LOCKED
  )
  RETURNING account_id, fence`;

const claimOne = `
  UPDATE account_model_lists SET fence = fence + 1, claimed_until = now() + make_interval(secs => $2)
  WHERE account_id IN (
    SELECT account_id FROM account_model_lists
    WHERE account_id = $1 AND (claimed_until IS NULL OR claimed_until <= now())
    FOR UPDATE SKIP LOCKED
  )
  RETURNING account_id, fence`;

const finish = `
  UPDATE account_model_lists SET
    models = coalesce($3::jsonb, models),
    read_at = CASE WHEN $3 IS NULL THEN read_at ELSE now() END,
    fault = $4, changed_at = clock_timestamp(), claimed_until = NULL,
    next_read_at = now() + make_interval(secs => $5)
  WHERE account_id = $1 AND fence = $2
  RETURNING account_id`;

const listOf = ({ account_id, models, read_at, fault }: ListRow): ModelList => ({
  accountId: asId<'Account'>(account_id),
  models,
  readAtMs: read_at?.getTime() ?? null,
  fault,
});
