import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, pageOf, readCursor, type Clock, type Page, type PageRequest, type Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { AddressRule } from './addresses/address-rule.js';
import { changeOf, grantsOf, type KeyChanger } from './api-key-change.js';
import { viewOf, type ApiKeyView, type CreatedApiKey } from './api-key-view.js';
import {
  keyHasChanged,
  keyIsRevoked,
  noKeyPresented,
  noSuchKey,
  unknownCursor,
  wouldLockOut,
  wrongLimit,
} from './api-keys.errors.js';
import { scopes } from './caller.js';
import { refuseFaultyDraft, type ApiKeyDraft } from './domain/api-key-draft.js';
import { refuseBroader } from './domain/grants.js';
import {
  allowlistChange,
  refuseFaultyAllowlist,
  type IpAllowlistDraft,
} from './domain/ip-allowlist-draft.js';
import { keyIdOf } from './domain/key-format.js';
import { KeyIssuer } from './key-issuer.js';
import type { ApiKeyEntity } from './persistence/api-key.entity.js';
import {
  ApiKeyRepository,
  type ApiKeyChange,
  type ApiKeyFilter,
  type KeyAction,
} from './persistence/api-key.repository.js';

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
   * @throws DomainError `invalid_request` with every faulty field, `insufficient_scope` when it could more than who makes it
   */
  async create(draft: ApiKeyDraft, by: KeyChanger): Promise<CreatedApiKey> {
    refuseFaultyDraft(draft, this.clock.nowMs());
    const { row, secret } = this.issuer.issue(draft);
    refuseBroader(by, grantsOf(row));
    await this.rows.insert(row, secret);
    return { key: await this.afterChange(row.id), secret };
  }

  /**
   * Makes the first key, with every scope, when there is none yet; of processes that start at once one does.
   *
   * @returns its secret, for `main` to print once; `null` when there are keys already
   */
  async bootstrapAdminKey(): Promise<Secret | null> {
    const { row, secret } = this.issuer.issue({ name: 'root', scopes });
    if (!(await this.rows.insertFirst(row, secret))) return null;
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
   * Finds the key that is presented by a text, whatever its state.
   *
   * @param presented as it was shown once; compared by its keyed hash
   * @throws DomainError `not_found`
   */
  async find(presented: Secret): Promise<ApiKeyView> {
    const keyId = keyIdOf(presented.reveal());
    const row = keyId === null ? null : await this.rows.byKeyId(keyId);
    const secret = row?.secrets.find((each) => each.keyId === keyId);
    if (row === null || secret === undefined || !this.issuer.isSecretOf(secret, presented)) {
      throw noKeyPresented();
    }
    return this.view(row);
  }

  /**
   * Changes the fields that are given.
   *
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `invalid_request`, `insufficient_scope` when the key can or could then do more than who
   *   changes it, or `conflict` when the key has changed since, is revoked, or would lock out who changes it
   */
  async update(
    id: string,
    version: number,
    draft: Partial<ApiKeyDraft>,
    by: KeyChanger,
  ): Promise<ApiKeyView> {
    refuseFaultyDraft(draft, this.clock.nowMs());
    const row = await this.changeable(id, by);
    const change = changeOf(draft, row);
    refuseBroader(by, grantsOf({ ...row, ...change }));
    if (change.ipAllowlist !== undefined) this.refuseLockout(row, change, by);
    if (!(await this.rows.update(id, version, change))) throw keyHasChanged();
    return this.afterChange(id);
  }

  /**
   * Says from where the key may be used, in place of what was said before.
   *
   * @throws DomainError as {@link update}
   */
  async restrictAddresses(id: string, draft: IpAllowlistDraft, by: KeyChanger): Promise<ApiKeyView> {
    const nowMs = this.clock.nowMs();
    refuseFaultyAllowlist(draft, nowMs);
    const row = await this.changeable(id, by);
    const change = allowlistChange(draft, nowMs);
    if (draft.force !== true) this.refuseLockout(row, change, by);
    return this.switch(id, change, 'api_key.changed');
  }

  /** Refuses the key until it is enabled again. @throws DomainError `not_found`, or `conflict` when it is revoked */
  async disable(id: string): Promise<ApiKeyView> {
    const { disabledAt } = await this.row(id);
    return this.switch(id, { disabledAt: disabledAt ?? new Date(this.clock.nowMs()) }, 'api_key.disabled');
  }

  /** Takes back {@link disable}. @throws DomainError `not_found`, or `conflict` when the key is revoked */
  async enable(id: string): Promise<ApiKeyView> {
    await this.row(id);
    return this.switch(id, { disabledAt: null }, 'api_key.enabled');
  }

  /** Refuses the key for good; again changes nothing. @throws DomainError `not_found` */
  async revoke(id: string): Promise<ApiKeyView> {
    const row = await this.row(id);
    if (row.revokedAt !== null) return this.view(row);
    await this.rows.switch(id, { revokedAt: new Date(this.clock.nowMs()) }, 'api_key.revoked');
    return this.afterChange(id);
  }

  /** Deletes the key, which thereby is refused. @throws DomainError `not_found` */
  async remove(id: string): Promise<void> {
    await this.row(id);
    await this.rows.remove(id);
    await this.changes.refresh();
  }

  private async changeable(id: string, by: KeyChanger): Promise<ApiKeyEntity> {
    const row = await this.row(id);
    if (row.revokedAt !== null) throw keyIsRevoked();
    refuseBroader(by, grantsOf(row));
    return row;
  }

  /** Whoever changes the list of its own key must stay inside. */
  private refuseLockout(row: ApiKeyEntity, change: ApiKeyChange, { apiKeyId, address }: KeyChanger): void {
    if (row.id !== apiKeyId) return;
    const { ipAllowlist, ipReportUntil } = { ...row, ...change };
    const rule = AddressRule.of(ipAllowlist, ipReportUntil?.getTime());
    if (rule?.check(address, this.clock.nowMs()) === 'refused') throw wouldLockOut();
  }

  private async switch(id: string, change: ApiKeyChange, action: KeyAction): Promise<ApiKeyView> {
    if (!(await this.rows.switch(id, change, action))) throw keyIsRevoked();
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
