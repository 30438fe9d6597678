import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AuditTrail, changesOf } from '#audit';
import { providerFields } from './audited-fields.js';
import { changing } from './database-faults.js';
import { ProviderEntity } from './provider.entity.js';

/** What people decide about a provider. */
export type ProviderRow = Pick<ProviderEntity, 'id' | 'name' | 'kind' | 'baseUrl' | 'strategy' | 'settings'>;

/** Writes providers; each change goes with its event of the audit log, in one transaction. */
@Injectable()
export class ProviderRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws DomainError `conflict` when the name is taken */
  async insert(row: ProviderRow): Promise<void> {
    await changing(`There is a provider '${row.name}' already.`, () =>
      this.dataSource.transaction(async (manager) => {
        await manager.insert(ProviderEntity, row);
        await this.audit.append(manager, [created(row)]);
      }),
    );
  }

  /** Makes the row unless there is one of its name; two that try at once end with one row. */
  async ensure(row: ProviderRow): Promise<string> {
    return changing('The provider changed meanwhile.', async () => {
      await this.dataSource.transaction(async (manager) => {
        const insertion = manager.createQueryBuilder().insert().into(ProviderEntity).values(row).orIgnore();
        const { raw } = await insertion.returning('id').execute();
        if ((raw as unknown[]).length > 0) await this.audit.append(manager, [created(row)]);
      });
      return (await this.rows.findOneByOrFail({ name: row.name })).id;
    });
  }

  byId(id: string): Promise<ProviderEntity | null> {
    return changing('', () => this.rows.findOneBy({ id }));
  }

  byName(name: string): Promise<ProviderEntity | null> {
    return changing('', () => this.rows.findOneBy({ name }));
  }

  /** @returns whether a row of this id stood at this version */
  async update(id: string, version: number, change: Partial<ProviderRow>): Promise<boolean> {
    const taken = 'There is a provider of this name already.';
    return changing(taken, () =>
      this.dataSource.transaction(async (manager) => {
        const where = { id, version };
        const row = await manager.findOne(ProviderEntity, { where, lock: { mode: 'pessimistic_write' } });
        if (row === null) return false;
        await manager.update(ProviderEntity, where, change);
        const changes = changesOf(providerFields, row, change);
        await this.audit.append(manager, [
          { action: 'provider.changed', targets: [`provider:${id}`], ...changes },
        ]);
        return true;
      }),
    );
  }

  /** @throws DomainError `conflict` while accounts or quota groups belong to it */
  async remove(id: string): Promise<boolean> {
    const inUse = 'The provider still has accounts or quota groups. Delete those first.';
    return changing(inUse, () =>
      this.dataSource.transaction(async (manager) => {
        const row = await manager.findOne(ProviderEntity, {
          where: { id },
          lock: { mode: 'pessimistic_write' },
        });
        if (row === null) return false;
        await manager.delete(ProviderEntity, { id });
        const changes = changesOf(providerFields, row, null);
        await this.audit.append(manager, [
          { action: 'provider.deleted', targets: [`provider:${id}`], ...changes },
        ]);
        return true;
      }),
    );
  }

  private get rows() {
    return this.dataSource.getRepository(ProviderEntity);
  }
}

const created = (row: ProviderRow) => ({
  action: 'provider.created' as const,
  targets: [`provider:${row.id}`],
  ...changesOf(providerFields, null, row),
});
