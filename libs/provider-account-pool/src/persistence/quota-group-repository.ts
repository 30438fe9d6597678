import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AuditTrail, changesOf } from '#audit';
import { quotaGroupFields } from './audited-fields.js';
import { changing } from './database-faults.js';
import { QuotaGroupEntity } from './quota-group.entity.js';

/** What people decide about a quota group. */
export type QuotaGroupRow = Pick<QuotaGroupEntity, 'id' | 'providerId' | 'name' | 'limits' | 'notes'>;

const nameTaken = 'There is a quota group of this name in the pool already.';

/** Writes quota groups; each change goes with its event of the audit log, in one transaction. */
@Injectable()
export class QuotaGroupRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws DomainError `conflict` when the name is taken in the pool, or the provider has gone */
  async insert(row: QuotaGroupRow): Promise<void> {
    await changing(nameTaken, () =>
      this.dataSource.transaction(async (manager) => {
        await manager.insert(QuotaGroupEntity, row);
        const changes = changesOf(quotaGroupFields, null, row);
        await this.audit.append(manager, [
          { action: 'quota_group.created', targets: [`quota_group:${row.id}`], ...changes },
        ]);
      }),
    );
  }

  /** @returns whether a row of this id stood at this version */
  async update(
    id: string,
    version: number,
    change: Partial<Pick<QuotaGroupRow, 'name' | 'limits' | 'notes'>>,
  ): Promise<boolean> {
    return changing(nameTaken, () =>
      this.dataSource.transaction(async (manager) => {
        const where = { id, version };
        const row = await manager.findOne(QuotaGroupEntity, { where, lock: { mode: 'pessimistic_write' } });
        if (row === null) return false;
        await manager.update(QuotaGroupEntity, where, change);
        const changes = changesOf(quotaGroupFields, row, change);
        await this.audit.append(manager, [
          { action: 'quota_group.changed', targets: [`quota_group:${id}`], ...changes },
        ]);
        return true;
      }),
    );
  }

  /** @throws DomainError `conflict` while accounts belong to it */
  async remove(id: string): Promise<boolean> {
    const inUse = 'The quota group still has accounts. Take them out first.';
    return changing(inUse, () =>
      this.dataSource.transaction(async (manager) => {
        const row = await manager.findOne(QuotaGroupEntity, {
          where: { id },
          lock: { mode: 'pessimistic_write' },
        });
        if (row === null) return false;
        await manager.delete(QuotaGroupEntity, { id });
        const changes = changesOf(quotaGroupFields, row, null);
        await this.audit.append(manager, [
          { action: 'quota_group.deleted', targets: [`quota_group:${id}`], ...changes },
        ]);
        return true;
      }),
    );
  }
}
