import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { IsNull, MoreThan, type EntityManager, type FindOptionsWhere, type Repository } from 'typeorm';
import { AuditTrail, changesOf, type AuditAction, type AuditDraft } from '#audit';
import type { Secret } from '#kernel';
import { ApiKeyEntity, ApiKeySecretEntity } from './api-key.entity.js';

/** What a new secret needs; the rest is filled in by the database. */
export type NewSecretRow = Omit<ApiKeySecretEntity, 'apiKey' | 'createdAt'>;

/** What a new key needs, its first secret included; the rest is filled in by the database. */
export type NewApiKeyRow = Omit<
  ApiKeyEntity,
  'secrets' | 'lastUsedAt' | 'version' | 'createdAt' | 'updatedAt'
> & { readonly secrets: readonly [NewSecretRow] };

/** Columns that a change may touch. */
export type ApiKeyChange = Partial<
  Pick<
    ApiKeyEntity,
    | 'name'
    | 'owner'
    | 'scopes'
    | 'weight'
    | 'modelsAllow'
    | 'modelsDeny'
    | 'providersAllow'
    | 'providersDeny'
    | 'tagsRequired'
    | 'tagsAllowed'
    | 'ipAllowlist'
    | 'ipReportUntil'
    | 'expiresAt'
    | 'metadata'
    | 'limits'
    | 'budget'
    | 'disabledAt'
    | 'revokedAt'
  >
>;

/** Which rows are listed; a field left out does not restrict. */
export interface ApiKeyFilter {
  readonly name?: string;
  readonly owner?: string;
}

const withSecrets = { secrets: true } as const;
/** Rows of one statement of {@link ApiKeyRepository.writeLastUses}. */
const batchSize = 1000;

/** What happened to a key, as the audit log calls it. */
export type KeyAction = Extract<AuditAction, `api_key.${string}`>;

/** Fields of a key that may stand in the audit log. Metadata may not: it is the client's own. */
const audited = [
  'name',
  'owner',
  'scopes',
  'weight',
  'modelsAllow',
  'modelsDeny',
  'providersAllow',
  'providersDeny',
  'tagsRequired',
  'tagsAllowed',
  'ipAllowlist',
  'ipReportUntil',
  'expiresAt',
  'limits',
  'budget',
  'disabledAt',
  'revokedAt',
] as const satisfies readonly (keyof ApiKeyEntity)[];

/** Reads and writes keys; each change goes with its event of the audit log, in one transaction. */
@Injectable()
export class ApiKeyRepository {
  constructor(
    @InjectRepository(ApiKeyEntity) private readonly rows: Repository<ApiKeyEntity>,
    private readonly audit: AuditTrail,
  ) {}

  /** Every key, those that are disabled or revoked included. */
  all(): Promise<ApiKeyEntity[]> {
    return this.rows.find({ relations: withSecrets });
  }

  byId(id: string): Promise<ApiKeyEntity | null> {
    return this.rows.findOne({ where: { id }, relations: withSecrets });
  }

  /** The key one of whose secrets has this lookup id, whatever its state. */
  byKeyId(keyId: string): Promise<ApiKeyEntity | null> {
    return this.rows
      .createQueryBuilder('key')
      .innerJoinAndSelect('key.secrets', 'secret')
      .where('key.id = (SELECT api_key_id FROM api_key_secrets WHERE key_id = :keyId)', { keyId })
      .getOne();
  }

  /** In order of id, which is the order of creation. */
  page({ name, owner }: ApiKeyFilter, limit: number, afterId: string | null): Promise<ApiKeyEntity[]> {
    const where: FindOptionsWhere<ApiKeyEntity> = {
      ...(name !== undefined && { name }),
      ...(owner !== undefined && { owner }),
      ...(afterId !== null && { id: MoreThan(afterId) }),
    };
    return this.rows.find({ where, order: { id: 'ASC' }, take: limit, relations: withSecrets });
  }

  /** @param secret itself, never written: the audit log keeps a keyed hash by which a leaked one is found */
  insert(row: NewApiKeyRow, secret: Secret): Promise<void> {
    return this.rows.manager.transaction((manager) => this.insertIn(manager, row, secret));
  }

  /** @returns whether the row went in: it does only when there is no other, even if two processes try at once */
  insertFirst(row: NewApiKeyRow, secret: Secret): Promise<boolean> {
    return this.rows.manager.transaction(async (manager) => {
      await manager.query('LOCK TABLE api_keys IN SHARE ROW EXCLUSIVE MODE');
      if (await manager.exists(ApiKeyEntity)) return false;
      await this.insertIn(manager, row, secret);
      return true;
    });
  }

  /** @returns whether there was a row that is at this version and not revoked */
  update(id: string, version: number, change: ApiKeyChange): Promise<boolean> {
    return this.change({ id, version, revokedAt: IsNull() }, change, 'api_key.changed');
  }

  /** Whatever its version. @returns whether there was such a row, not revoked */
  switch(id: string, change: ApiKeyChange, action: KeyAction): Promise<boolean> {
    return this.change({ id, revokedAt: IsNull() }, change, action);
  }

  /** @returns whether there was such a row */
  remove(id: string): Promise<boolean> {
    return this.change({ id }, null, 'api_key.deleted');
  }

  /**
   * Never sets a time back. Rows are locked in order of id, so that two processes do not deadlock.
   *
   * @param uses ms since the epoch by id
   */
  async writeLastUses(uses: ReadonlyMap<string, number>): Promise<void> {
    const sorted = [...uses].sort(([a], [b]) => (a < b ? -1 : 1));
    for (let start = 0; start < sorted.length; start += batchSize) {
      const batch = sorted.slice(start, start + batchSize);
      await this.rows.query(updateLastUses, [batch.map(([id]) => id), batch.map(([, atMs]) => atMs / 1000)]);
    }
  }

  private async insertIn(
    manager: EntityManager,
    { secrets, ...row }: NewApiKeyRow,
    secret: Secret,
  ): Promise<void> {
    await manager.insert(ApiKeyEntity, row);
    await manager.insert(ApiKeySecretEntity, [...secrets]);
    await this.audit.append(manager, [
      { ...eventOf('api_key.created', row.id, null, row), secrets: [secret] },
    ]);
  }

  /** @param change `null`: the row is deleted */
  private change(
    where: FindOptionsWhere<ApiKeyEntity>,
    change: ApiKeyChange | null,
    action: KeyAction,
  ): Promise<boolean> {
    return this.rows.manager.transaction(async (manager) => {
      const row = await manager.findOne(ApiKeyEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (row === null) return false;
      if (change === null) await manager.delete(ApiKeyEntity, { id: row.id });
      else await manager.update(ApiKeyEntity, { id: row.id }, change);
      await this.audit.append(manager, [eventOf(action, row.id, row, change)]);
      return true;
    });
  }
}

const eventOf = (
  action: KeyAction,
  id: string,
  before: ApiKeyEntity | null,
  after: Partial<ApiKeyEntity> | null,
): AuditDraft => ({ action, targets: [`api_key:${id}`], ...changesOf(audited, before, after) });

const updateLastUses = `
  WITH used AS (
    SELECT api_keys.id, to_timestamp(used.at_s) AS at
    FROM api_keys JOIN unnest($1::uuid[], $2::float8[]) AS used (id, at_s) USING (id)
    ORDER BY api_keys.id FOR NO KEY UPDATE OF api_keys
  )
  UPDATE api_keys SET last_used_at = greatest(api_keys.last_used_at, used.at)
  FROM used WHERE api_keys.id = used.id`;
