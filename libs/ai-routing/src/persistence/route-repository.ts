import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { MoreThan, type Repository } from 'typeorm';
import { AuditTrail, changesOf } from '#audit';
import { RouteEntity } from './route.entity.js';

/** Fields of a route that may stand in the audit log. */
const audited = ['name', 'tiers'] as const satisfies readonly (keyof RouteEntity)[];

/** Reads and writes routes; each change goes with its event of the audit log, in one transaction. */
@Injectable()
export class RouteRepository {
  constructor(
    @InjectRepository(RouteEntity) private readonly rows: Repository<RouteEntity>,
    private readonly audit: AuditTrail,
  ) {}

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
    return this.rows.manager.transaction(async (manager) => {
      const saved = await manager.save(this.rows.create(row));
      const changes = changesOf(audited, null, row);
      await this.audit.append(manager, [
        { action: 'route.created', targets: [`route:${row.id}`], ...changes },
      ]);
      return saved;
    });
  }

  /** @returns the changed row, or `null` when it is gone or no longer at `version` */
  async update(
    id: string,
    version: number,
    change: Partial<Pick<RouteEntity, 'name' | 'tiers'>>,
  ): Promise<RouteEntity | null> {
    return this.rows.manager.transaction(async (manager) => {
      const where = { id, version };
      const row = await manager.findOne(RouteEntity, { where, lock: { mode: 'pessimistic_write' } });
      if (row === null) return null;
      await manager.update(RouteEntity, where, change);
      const changes = changesOf(audited, row, change);
      const changed = await manager.findOneBy(RouteEntity, { id });
      await this.audit.append(manager, [{ action: 'route.changed', targets: [`route:${id}`], ...changes }]);
      return changed;
    });
  }

  /** @returns whether there was such a row */
  async remove(id: string): Promise<boolean> {
    return this.rows.manager.transaction(async (manager) => {
      const row = await manager.findOne(RouteEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (row === null) return false;
      await manager.delete(RouteEntity, { id });
      const changes = changesOf(audited, row, null);
      await this.audit.append(manager, [{ action: 'route.deleted', targets: [`route:${id}`], ...changes }]);
      return true;
    });
  }
}
