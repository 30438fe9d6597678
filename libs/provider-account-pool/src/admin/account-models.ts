import { Inject, Injectable } from '@nestjs/common';
import { AuditTrail } from '#audit';
import { asId, CLOCK, DomainError, type Clock } from '#kernel';
import { compileModelRules } from '#pool-core';
import { CatalogueReader } from '../catalogue/catalogue-reader.js';
import { ModelCatalogue } from '../catalogue/model-catalogue.js';
import { ModelListStore } from '../catalogue/model-list-store.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { noSuchAccount, readOnly } from '../provider-account-pool.errors.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';

/** One model of an account. */
export interface ListedModel {
  readonly name: string;
  /** Whether the rules of the account let it serve the model. */
  readonly allowed: boolean;
}

/** What an account can serve, as its provider says. */
export interface AccountModelsView {
  /** In the order of the alphabet; empty until they were read once. */
  readonly models: readonly ListedModel[];
  /** `null` until then. */
  readonly readAt: Date | null;
  /** The rule of the failure of the last reading; `null` when it went well. */
  readonly fault: string | null;
}

const usualRestMs = 6 * 3_600_000;

/** What people see and do of the models of an account. */
@Injectable()
export class AccountModels {
  constructor(
    private readonly directory: PoolDirectory,
    private readonly catalogue: ModelCatalogue,
    private readonly reader: CatalogueReader,
    private readonly store: ModelListStore,
    private readonly health: HealthMonitor,
    private readonly audit: AuditTrail,
    @Inject(CLOCK) private readonly clock: Clock,
  ) {}

  /** @throws DomainError `not_found` */
  get(id: string): AccountModelsView {
    return this.view(this.known(id));
  }

  /**
   * Asks the provider now. Models that the account was refused are tried again if they are listed.
   *
   * @throws DomainError `not_found`, or `conflict` when it comes from the environment, cannot be asked, or is being asked
   */
  async refresh(id: string): Promise<AccountModelsView> {
    const account = this.known(id);
    if (account.source === 'environment') throw readOnly();
    const { id: accountId } = account.spec;
    const claim = await this.store.claim(accountId);
    if (claim === null)
      throw new DomainError('conflict', 'The models of the account are being read already.');
    await this.audit.record([{ action: 'account.models_refreshed', targets: [`account:${accountId}`] }]);
    const reading = await this.reader.read(account, new AbortController().signal);
    await this.store.finish(claim, reading ?? { models: null, fault: null }, usualRestMs);
    if (reading === null) throw new DomainError('conflict', 'The account cannot be asked for its models.');
    const before = this.catalogue.of(accountId);
    const models = reading.models ?? before?.models ?? null;
    const readAtMs = reading.models === null ? (before?.readAtMs ?? null) : this.clock.nowMs();
    this.catalogue.take([{ accountId, models, readAtMs, fault: reading.fault }]);
    if (reading.models !== null) this.health.offerModels(account, reading.models);
    return this.view(account);
  }

  private view({ spec }: PoolAccount): AccountModelsView {
    const list = this.catalogue.of(spec.id);
    const mayServe = compileModelRules(spec.models);
    return {
      models: (list?.models ?? []).map((name) => ({ name, allowed: mayServe(name) })),
      readAt: list?.readAtMs == null ? null : new Date(list.readAtMs),
      fault: list?.fault ?? null,
    };
  }

  private known(id: string): PoolAccount {
    const account = this.directory.account(asId<'Account'>(id));
    if (account === null) throw noSuchAccount(id);
    return account;
  }
}
