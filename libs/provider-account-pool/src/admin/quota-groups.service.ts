import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { DomainError, pageOf, readCursor, type Page, type PageRequest } from '#kernel';
import { ChangeFeed } from '#persistence';
import { checkQuotaGroup } from '../domain/account-check.js';
import { changedLimits } from '../domain/account-limits.js';
import { given } from '../domain/given.js';
import type { QuotaGroupChange, QuotaGroupDraft, QuotaGroupView } from '../domain/quota-group.js';
import { isUuid } from '../domain/uuid.js';
import { QuotaGroupRepository } from '../persistence/quota-group-repository.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { ProvidersService } from './providers.service.js';

/** Keeps quota groups. Reads come from memory; every change is in force in this process when the call returns. */
@Injectable()
export class QuotaGroupsService {
  constructor(
    private readonly rows: QuotaGroupRepository,
    private readonly providers: ProvidersService,
    private readonly directory: PoolDirectory,
    private readonly changes: ChangeFeed,
  ) {}

  /** @throws DomainError `invalid_request` with every fault, or `conflict` when the name is taken in the pool */
  async create(draft: QuotaGroupDraft): Promise<QuotaGroupView> {
    checkQuotaGroup(draft);
    const { name, limits, notes } = draft;
    const providerId = await this.providers.resolve(draft.provider);
    const id = randomUUIDv7();
    await this.rows.insert({ id, providerId, name, limits: { ...limits }, notes: notes ?? '' });
    await this.changes.refresh();
    return this.get(id);
  }

  /** @param provider name of a pool; without it the groups of all */
  list({ limit, cursor }: PageRequest, provider?: string): Page<QuotaGroupView> {
    const after = readCursor(cursor) ?? '';
    const groups = [...this.directory.snapshot.quotaGroups.values()]
      .filter((group) => group.id > after && (provider === undefined || group.provider === provider))
      .sort((a, b) => (a.id < b.id ? -1 : 1));
    return pageOf(groups.slice(0, limit + 1), limit, ({ id }) => id);
  }

  /** @throws DomainError `not_found` */
  get(id: string): QuotaGroupView {
    const group = this.directory.snapshot.quotaGroups.get(id);
    if (group === undefined) throw noSuchGroup(id);
    return group;
  }

  /**
   * Changes what is given; limits merge into what is there.
   *
   * @param version the version the change is based on
   * @throws DomainError `not_found`, `invalid_request`, or `conflict` when the group has changed since, or the name is taken
   */
  async update(id: string, version: number, change: QuotaGroupChange): Promise<QuotaGroupView> {
    const group = this.get(id);
    checkQuotaGroup(change);
    const { name, limits, notes } = change;
    const row = {
      ...given({ name }),
      ...(limits === undefined ? {} : { limits: changedLimits(group.limits, limits) }),
      ...(notes === undefined ? {} : { notes: notes ?? '' }),
    };
    // What is merged is good for this version alone, and the version is checked in the same statement.
    if (group.version !== version || !(await this.rows.update(id, version, row))) {
      throw new DomainError('conflict', 'The quota group has changed since it was read.');
    }
    await this.changes.refresh();
    return this.get(id);
  }

  /** @throws DomainError `not_found`, or `conflict` while accounts belong to it */
  async remove(id: string): Promise<void> {
    if (!isUuid(id) || !(await this.rows.remove(id))) throw noSuchGroup(id);
    await this.changes.refresh();
  }
}

const noSuchGroup = (id: string): DomainError =>
  new DomainError('not_found', `There is no quota group '${id}'.`);
