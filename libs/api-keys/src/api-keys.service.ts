import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, pageOf, readCursor, type Clock, type Page, type PageRequest, type Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { viewOf, type ApiKeyView, type CreatedApiKey } from './api-key-view.js';
import { keyHasChanged, keyIsRevoked, noSuchKey, unknownCursor, wrongLimit } from './api-keys.errors.js';
import { scopes } from './caller.js';
import { refuseFaultyDraft, scopesOf, type ApiKeyDraft } from './domain/api-key-draft.js';
import { KeyIssuer } from './key-issuer.js';
import type { ApiKeyEntity } from './persistence/api-key.entity.js';
import { ApiKeyRepository, type ApiKeyChange, type ApiKeyFilter } from './persistence/api-key.repository.js';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const maxPage = 500;

/** Keeps the system API keys. Every change is in force in this process when the call returns. */
@Injectable()
export class ApiKeysService {
  constructor(
    private readonly rows: ApiKeyRepository,
    private readonly issuer: KeyIssuer,
    private readonly changes: ChangeFeed,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /**
   * Makes a key. The answer holds the secret; it is kept nowhere and cannot be shown again.
   *
   * @throws DomainError `invalid_request` with every faulty field
   */
  async create(draft: ApiKeyDraft): Promise<CreatedApiKey> {
    refuseFaultyDraft(draft, this.clock.nowMs());
    const { row, secret } = this.issuer.issue(draft);
    await this.rows.insert(row);
    return { key: await this.afterChange(row.id), secret };
  }

  /**
   * Makes the first key, with every scope, when there is none yet; of processes that start at once one does.
   *
   * @returns its secret, for `main` to print once; `null` when there are keys already
   */
  async bootstrapAdminKey(): Promise<Secret | null> {
    const { row, secret } = this.issuer.issue({ name: 'root', scopes });
    if (!(await this.rows.insertFirst(row))) return null;
    await this.changes.refresh();
    return secret;
  }

  /** @throws DomainError `not_found` */
  async get(id: string): Promise<ApiKeyView> {
    return this.view(await this.row(id));
  }

  /**
   * Lists keys in order of creation.
   *
   * @throws DomainError `invalid_request` for a limit out of 1 to 500, or a cursor that is none of ours
   */
  async list({ limit, cursor }: PageRequest, filter: ApiKeyFilter = {}): Promise<Page<ApiKeyView>> {
    if (!Number.isInteger(limit) || limit < 1 || limit > maxPage) throw wrongLimit();
    const afterId = readCursor(cursor);
    if (cursor !== null && (afterId === null || !uuid.test(afterId))) throw unknownCursor();
    const rows = await this.rows.page(filter, limit + 1, afterId);
    const { data, nextCursor } = pageOf(rows, limit, ({ id }) => id);
    return { data: data.map((row) => this.view(row)), nextCursor };
  }

  /**
   * Changes the fields that are given.
   *
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `invalid_request`, or `conflict` when the key has changed since or is revoked
   */
  async update(id: string, version: number, draft: Partial<ApiKeyDraft>): Promise<ApiKeyView> {
    refuseFaultyDraft(draft, this.clock.nowMs());
    const { revokedAt } = await this.row(id);
    if (revokedAt !== null) throw keyIsRevoked();
    if (!(await this.rows.update(id, version, changeOf(draft)))) throw keyHasChanged();
    return this.afterChange(id);
  }

  /** Refuses the key until it is enabled again. @throws DomainError `not_found`, or `conflict` when it is revoked */
  async disable(id: string): Promise<ApiKeyView> {
    const { disabledAt } = await this.row(id);
    return this.switch(id, { disabledAt: disabledAt ?? new Date(this.clock.nowMs()) });
  }

  /** Takes back {@link disable}. @throws DomainError `not_found`, or `conflict` when the key is revoked */
  async enable(id: string): Promise<ApiKeyView> {
    await this.row(id);
    return this.switch(id, { disabledAt: null });
  }

  /** Refuses the key for good; again changes nothing. @throws DomainError `not_found` */
  async revoke(id: string): Promise<ApiKeyView> {
    const row = await this.row(id);
    if (row.revokedAt !== null) return this.view(row);
    await this.rows.switch(id, { revokedAt: new Date(this.clock.nowMs()) });
    return this.afterChange(id);
  }

  /** Deletes the key, which thereby is refused. @throws DomainError `not_found` */
  async remove(id: string): Promise<void> {
    await this.row(id);
    await this.rows.remove(id);
    await this.changes.refresh();
  }

  private async switch(id: string, change: ApiKeyChange): Promise<ApiKeyView> {
    if (!(await this.rows.switch(id, change))) throw keyIsRevoked();
    return this.afterChange(id);
  }

  private async afterChange(id: string): Promise<ApiKeyView> {
    await this.changes.refresh();
    return this.get(id);
  }

  private async row(id: string): Promise<ApiKeyEntity> {
    const row = uuid.test(id) ? await this.rows.byId(id) : null;
    if (row === null) throw noSuchKey(id);
    return row;
  }

  private view(row: ApiKeyEntity): ApiKeyView {
    return viewOf(row, this.clock.nowMs());
  }
}

function changeOf({
  name,
  owner,
  scopes: texts,
  weight,
  expiresAt,
  models,
  metadata,
}: Partial<ApiKeyDraft>): ApiKeyChange {
  return {
    ...(name !== undefined && { name }),
    ...(owner !== undefined && { owner }),
    ...(texts !== undefined && { scopes: scopesOf(texts) }),
    ...(weight !== undefined && { weight }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(models?.allow !== undefined && { modelsAllow: [...models.allow] }),
    ...(models?.deny !== undefined && { modelsDeny: [...models.deny] }),
    ...(metadata !== undefined && { metadata }),
  };
}
