import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { changing } from './database-faults.js';
import { QuotaGroupEntity } from './quota-group.entity.js';

/** What people decide about a quota group. */
export type QuotaGroupRow = Pick<QuotaGroupEntity, 'id' | 'providerId' | 'name' | 'limits' | 'notes'>;

const nameTaken = 'There is a quota group of this name in the pool already.';

/** Writes quota groups. */
@Injectable()
export class QuotaGroupRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError `conflict` when the name is taken in the pool, or the provider has gone */
  async insert(row: QuotaGroupRow): Promise<void> {
    await changing(nameTaken, () => this.rows.insert(row));
  }

  /** @returns whether a row of this id stood at this version */
  async update(
    id: string,
    version: number,
    change: Partial<Pick<QuotaGroupRow, 'name' | 'limits' | 'notes'>>,
  ): Promise<boolean> {
    const { affected } = await changing(nameTaken, () => this.rows.update({ id, version }, change));
    return affected === 1;
  }

  /** @throws DomainError `conflict` while accounts belong to it */
  async remove(id: string): Promise<boolean> {
    const inUse = 'The quota group still has accounts. Take them out first.';
    const { affected } = await changing(inUse, () => this.rows.delete({ id }));
    return affected === 1;
  }

  private get rows() {
    return this.dataSource.getRepository(QuotaGroupEntity);
  }
}
