import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type Repository } from 'typeorm';
import { RouteEntity } from './route.entity.js';

/** Reads and writes routes. */
@Injectable()
export class RouteRepository {
  constructor(@InjectRepository(RouteEntity) private readonly rows: Repository<RouteEntity>) {}

  all(): Promise<RouteEntity[]> {
    return this.rows.find();
  }

  /** One page in order of id, which is the order of creation. */
  page(limit: number, afterId: string | null): Promise<RouteEntity[]> {
    return this.rows.find({
      where: afterId === null ? {} : { id: MoreThan(afterId) },
      order: { id: 'ASC' },
      take: limit,
    });
  }

  byId(id: string): Promise<RouteEntity | null> {
    return this.rows.findOneBy({ id });
  }

  byName(name: string): Promise<RouteEntity | null> {
    return this.rows.findOneBy({ name });
  }

  async insert(row: Pick<RouteEntity, 'id' | 'name' | 'tiers'>): Promise<RouteEntity> {
    return this.rows.save(this.rows.create(row));
  }

  /** @returns the changed row, or `null` when it is gone or no longer at `version` */
  async update(
    id: string,
    version: number,
    change: Partial<Pick<RouteEntity, 'name' | 'tiers'>>,
  ): Promise<RouteEntity | null> {
    const { affected } = await this.rows.update({ id, version }, change);
    return affected === 1 ? this.byId(id) : null;
  }

  /** @returns whether there was such a row */
  async remove(id: string): Promise<boolean> {
    const { affected } = await this.rows.delete({ id });
    return affected === 1;
  }
}
