import { randomUUIDv7 } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import {
  asId,
  DomainError,
  pageOf,
  readCursor,
  Secret,
  type Page,
  type PageRequest,
  type ProviderId,
} from '#kernel';
import { ChangeFeed } from '#persistence';
import { nameFaults } from '../domain/account-check.js';
import { baseUrlFault } from '../domain/base-url.js';
import { refuseFaults } from '../domain/fault.js';
import { given } from '../domain/given.js';
import type { Provider } from '../domain/pool-snapshot.js';
import { numbersOf, settingsFaults } from '../domain/pool-settings.js';
import { Strategies } from '../domain/strategies.js';
import { isUuid } from '../domain/uuid.js';
import { ProviderRepository } from '../persistence/provider-repository.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { ProviderKinds } from '../snapshot/provider-kinds.js';

/** What can be said about a provider when it is made. Name and kind stay for good: routes and accounts rely on them. */
export interface ProviderDraft {
  /** 1 to 200 characters, unique. The name of a known kind is reserved for that kind. */
  readonly name: string;
  /** A kind this product has an adapter for. */
  readonly kind: string;
  /** As the provider's own SDK wants it; `null` for the default of the kind, if it has one. */
  readonly baseUrl?: string | null;
  /** How an account is chosen; `null` for the default. */
  readonly strategy?: string | null;
  readonly settings?: Readonly<Record<string, unknown>> | null;
}

/** A change of a provider; what is left out stays. */
export type ProviderChange = Partial<Omit<ProviderDraft, 'name' | 'kind'>>;

/** Keeps providers. Reads come from memory; every change is in force in this process when the call returns. */
@Injectable()
export class ProvidersService {
  constructor(
    private readonly rows: ProviderRepository,
    private readonly directory: PoolDirectory,
    private readonly kinds: ProviderKinds,
    private readonly changes: ChangeFeed,
    private readonly strategies: Strategies,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
  ) {}

  /** @throws DomainError `invalid_request` with every fault, or `conflict` when the name is taken */
  async create(draft: ProviderDraft): Promise<Provider> {
    this.check(draft);
    const id = randomUUIDv7();
    const { name, kind, baseUrl = null, strategy = null } = draft;
    await this.rows.insert({ id, name, kind, baseUrl, strategy, settings: numbersOf(draft.settings) });
    await this.changes.refresh();
    return this.get(id);
  }

  list({ limit, cursor }: PageRequest): Page<Provider> {
    const after = readCursor(cursor) ?? '';
    const rows = [...this.directory.snapshot.providers.values()]
      .filter(({ id }) => id > after)
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return pageOf(rows.slice(0, limit + 1), limit, ({ id }) => id);
  }

  /** @throws DomainError `not_found` */
  get(id: string): Provider {
    const provider = this.directory.snapshot.providers.get(asId<'Provider'>(id));
    if (provider === undefined) throw new DomainError('not_found', `There is no provider '${id}'.`);
    return provider;
  }

  /**
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `invalid_request`, or `conflict` when the provider has changed since
   */
  async update(id: string, version: number, change: ProviderChange): Promise<Provider> {
    const { name, kind, baseUrl } = this.get(id);
    const { settings, ...fields } = given(change);
    this.check({ name, kind, baseUrl, ...fields, settings });
    const row = { ...fields, ...(settings === undefined ? {} : { settings: numbersOf(settings) }) };
    if (!(await this.rows.update(id, version, row))) {
      throw new DomainError('conflict', 'The provider has changed since it was read.');
    }
    await this.changes.refresh();
    return this.get(id);
  }

  /** @throws DomainError `not_found`, or `conflict` while accounts or quota groups belong to it */
  async remove(id: string): Promise<void> {
    const removed = isUuid(id) && (await this.rows.remove(id));
    if (!removed) throw new DomainError('not_found', `There is no provider '${id}'.`);
    await this.changes.refresh();
  }

  /**
   * Finds the provider an account is made for; for a known kind without a row the row is made with defaults.
   *
   * @param reference name or id of a row, or a known kind
   * @throws DomainError `invalid_request` when there is neither
   */
  async resolve(reference: string): Promise<ProviderId> {
    const row = isUuid(reference) ? await this.rows.byId(reference) : await this.rows.byName(reference);
    if (row !== null) return asId<'Provider'>(row.id);
    if (this.kinds.adapterOf(reference) === null) {
      const message = 'names neither a provider nor a known kind';
      refuseFaults([{ field: 'provider', message }]);
    }
    const draft = { name: reference, kind: reference };
    this.check(draft);
    const id = randomUUIDv7();
    return asId(await this.rows.ensure({ id, ...draft, baseUrl: null, strategy: null, settings: {} }));
  }

  /**
   * What is wrong with a credential for the provider it is meant for, for people and without showing it.
   *
   * @param reference as {@link ProvidersService.resolve} takes it
   * @returns `null` when nothing is, or when there is no such provider
   */
  credentialFault(reference: string, credential: string): string | null {
    const rows = [...this.directory.snapshot.providers.values()];
    const row = rows.find(({ id, name }) => id === reference || name === reference);
    const kind = row?.kind ?? reference;
    const baseUrl = row?.baseUrl ?? this.kinds.baseUrlOf(kind);
    if (baseUrl === null) return null;
    return this.kinds.adapterOf(kind)?.credentialFault?.(new Secret(credential.trim()), baseUrl) ?? null;
  }

  private check({ name, kind, baseUrl = null, strategy = null, settings }: ProviderDraft): void {
    const adapter = this.kinds.adapterOf(kind);
    const { privateUpstreams = 'allow' } = this.options;
    const faults = [
      ...nameFaults('name', name),
      ...this.strategies.faults(strategy),
      ...settingsFaults(settings ?? {}),
    ];
    if (adapter === null) faults.push({ field: 'kind', message: 'is unknown' });
    if (name !== kind && this.kinds.adapterOf(name) !== null) {
      faults.push({ field: 'name', message: `is reserved for providers of the kind '${name}'` });
    }
    if (name.includes('/')) faults.push({ field: 'name', message: 'must not contain a slash' });
    const urlFault = baseUrl === null ? null : baseUrlFault(baseUrl, privateUpstreams);
    if (urlFault !== null) faults.push({ field: 'baseUrl', message: urlFault });
    if (adapter !== null && baseUrl === null && this.kinds.baseUrlOf(kind) === null) {
      faults.push({ field: 'baseUrl', message: `is needed for the kind '${kind}'` });
    }
    refuseFaults(faults);
  }
}
