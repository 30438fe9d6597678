import { randomUUIDv7 } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  asId,
  CLOCK,
  pageOf,
  readCursor,
  Secret,
  type AccountId,
  type Clock,
  type Page,
  type PageRequest,
} from '#kernel';
import { ChangeFeed } from '#persistence';
import { SecretBox } from '#secrets';
import { checkAccount } from '../domain/account-check.js';
import type { AccountChange, AccountDraft } from '../domain/account-draft.js';
import { credentialPreview } from '../domain/credential-preview.js';
import { refuseFaults } from '../domain/fault.js';
import { given } from '../domain/given.js';
import { refuseHumanTransition } from '../domain/human-state.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { timelineEvent, type TimelineEvent } from '../domain/timeline.js';
import { CredentialFingerprints } from '../fingerprints/credential-fingerprints.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { AccountRepository, type SealedCredential } from '../persistence/account-repository.js';
import { credentialContext } from '../persistence/credential-context.js';
import { changed, noSuchAccount, readOnly } from '../provider-account-pool.errors.js';
import { AccountAllowances } from '../scheduling/account-allowances.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { matchesConfig, matchesState, type AccountFilter } from './account-filter.js';
import { rowChange, rowOf } from './account-row.js';
import { accountView, type AccountView } from './account-view.js';
import { ProvidersService } from './providers.service.js';

/** Keeps accounts. Reads come from memory; every change is in force in this process when the call returns. */
@Injectable()
export class AccountsService {
  constructor(
    private readonly rows: AccountRepository,
    private readonly providers: ProvidersService,
    private readonly directory: PoolDirectory,
    private readonly changes: ChangeFeed,
    private readonly secrets: SecretBox,
    private readonly fingerprints: CredentialFingerprints,
    private readonly health: HealthMonitor,
    private readonly allowances: AccountAllowances,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `invalid_request` with every fault, or `conflict` when the name or the credential is taken in the pool */
  async create(draft: AccountDraft, actor: string): Promise<AccountView> {
    checkAccount(draft);
    this.checkCredential(draft.provider, draft);
    const providerId = await this.providers.resolve(draft.provider);
    this.checkQuotaGroup(draft, this.directory.snapshot.providers.get(providerId)?.name ?? draft.provider);
    const id = asId<'Account'>(randomUUIDv7());
    const credential = await this.seal(draft.credential, draft.allowDuplicate);
    const event = timelineEvent({ accountId: id, kind: 'created', actor }, this.clock.nowMs());
    await this.rows.insert({ id, providerId, ...rowOf(draft) }, credential, event);
    await this.changes.refresh();
    return this.get(id);
  }

  /** @throws DomainError `not_found` */
  get(id: string): AccountView {
    return this.view(this.account(id));
  }

  list({ limit, cursor }: PageRequest, filter: AccountFilter = {}): Page<AccountView> {
    const after = readCursor(cursor) ?? '';
    const { snapshot } = this.directory;
    const matching = [...snapshot.accounts.values()]
      .filter(({ spec }) => spec.id > after)
      .filter(matchesConfig(filter, snapshot))
      .sort((a, b) => (a.spec.id < b.spec.id ? -1 : 1));
    const views: AccountView[] = [];
    for (const account of matching) {
      const view = this.view(account);
      if (matchesState(filter, view)) views.push(view);
      if (views.length > limit) break;
    }
    return pageOf(views, limit, ({ id }) => id);
  }

  /**
   * Changes what is given; a new credential takes over at once and ends `auth_failed`.
   *
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `invalid_request`, or `conflict` when the account has changed since, comes from the
   *   environment, is compromised and would be turned on, or the credential is that of another account of the pool
   */
  async update(
    id: string,
    version: number,
    { allowDuplicate, ...change }: AccountChange,
    actor: string,
  ): Promise<AccountView> {
    const account = this.writable(id);
    checkAccount(change);
    this.checkCredential(account.provider, change);
    this.checkQuotaGroup(change, account.provider);
    const { credential: text } = change;
    const credential = text === undefined ? null : await this.seal(text, allowDuplicate);
    const kind = credential === null ? ('changed' as const) : ('credential_replaced' as const);
    const cause = Object.keys(given(change)).sort().join(', ');
    const event = timelineEvent({ accountId: account.spec.id, kind, cause, actor }, this.clock.nowMs());
    const found = await this.rows.change(id, (row) => {
      if (row.version !== version) throw changed();
      const fields = rowChange(change, row, this.clock.nowMs());
      if (fields.humanState !== undefined) refuseHumanTransition(row.humanState, fields.humanState);
      if (credential !== null) refuseHumanTransition(row.humanState, 'enabled');
      return { fields, credential, event };
    });
    if (!found) throw noSuchAccount(id);
    await this.changes.refresh();
    if (credential !== null) this.health.clear(account.spec.id, actor);
    return this.get(id);
  }

  /** @throws DomainError `not_found`, or `conflict` when it comes from the environment or is referred to */
  async remove(id: string): Promise<void> {
    this.writable(id);
    if (!(await this.rows.remove(id))) throw noSuchAccount(id);
    await this.changes.refresh();
  }

  /**
   * What happened to an account, newest first.
   *
   * @throws DomainError `not_found`
   */
  async timeline(id: string, page: PageRequest): Promise<Page<TimelineEvent>> {
    return this.health.timeline(this.account(id).spec.id, page);
  }

  private account(id: string): PoolAccount {
    const account = this.directory.account(asId<'Account'>(id));
    if (account === null) throw noSuchAccount(id);
    return account;
  }

  /** A limit is shared within one provider; the database would refuse anything else, in words that help nobody. */
  private checkQuotaGroup({ quotaGroupId }: AccountChange, provider: string): void {
    if (quotaGroupId == null) return;
    const group = this.directory.snapshot.quotaGroups.get(quotaGroupId);
    if (group?.provider === provider) return;
    refuseFaults([{ field: 'quotaGroupId', message: `names no quota group of the provider '${provider}'` }]);
  }

  private writable(id: string): PoolAccount {
    const account = this.account(id);
    if (account.source === 'environment') throw readOnly();
    return account;
  }

  private view(account: PoolAccount): AccountView {
    const id: AccountId = account.spec.id;
    const machine = this.health.stateOf(account);
    const told = this.allowances.of(id);
    return accountView(account, machine, told, this.health.lastUsedMs(id), this.clock.nowMs());
  }

  private checkCredential(provider: string, { credential }: AccountChange): void {
    const fault = credential === undefined ? null : this.providers.credentialFault(provider, credential);
    if (fault !== null) refuseFaults([{ field: 'credential', message: fault }]);
  }

  private async seal(text: string, allowDuplicate = false): Promise<SealedCredential> {
    const id = randomUUIDv7();
    const secret = new Secret(text.trim());
    const sealed = await this.secrets.seal(secret, credentialContext(id));
    const unique = allowDuplicate ? [] : this.fingerprints.wholeOf(secret);
    return {
      id,
      sealed,
      preview: credentialPreview(secret),
      secret,
      kept: this.fingerprints.of(secret),
      unique,
    };
  }
}
