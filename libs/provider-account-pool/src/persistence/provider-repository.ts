import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { changing } from './database-faults.js';
import { ProviderEntity } from './provider.entity.js';

/** What people decide about a provider. */
export type ProviderRow = Pick<ProviderEntity, 'id' | 'name' | 'kind' | 'baseUrl' | 'strategy' | 'settings'>;

/** Writes providers. */
@Injectable()
export class ProviderRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError `conflict` when the name is taken */
  async insert(row: ProviderRow): Promise<void> {
    await changing(`There is a provider '${row.name}' already.`, () => this.rows.insert(row));
  }

  /** Makes the row unless there is one of its name; two that try at once end with one row. */
  async ensure(row: ProviderRow): Promise<string> {
    return changing('The provider changed meanwhile.', async () => {
      await this.rows.createQueryBuilder().insert().values(row).orIgnore().execute();
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
    const { affected } = await changing(taken, () => this.rows.update({ id, version }, change));
    return affected === 1;
  }

  /** @throws DomainError `conflict` while accounts or quota groups belong to it */
  async remove(id: string): Promise<boolean> {
    const inUse = 'The provider still has accounts or quota groups. Delete those first.';
    const { affected } = await changing(inUse, () => this.rows.delete({ id }));
    return affected === 1;
  }

  private get rows() {
    return this.dataSource.getRepository(ProviderEntity);
  }
}
