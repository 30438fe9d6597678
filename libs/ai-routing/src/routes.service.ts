import { randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { asId, DomainError, pageOf, readCursor, type Page, type PageRequest, type RouteId } from '#kernel';
import { ChangeFeed } from '#persistence';
import { RouteRepository } from './persistence/route-repository.js';
import type { RouteEntity } from './persistence/route.entity.js';
import type { RouteTiers } from './route-plan.js';

/** A route as the admin API shows it. */
export interface RouteView {
  readonly id: RouteId;
  readonly name: string;
  readonly tiers: RouteTiers;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** What can be said about a route. */
export interface RouteDraft {
  readonly name: string;
  readonly tiers: RouteTiers;
}

const everything = '00000000-0000-0000-0000-000000000000';
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Keeps routes. Every change is in force in this process when the call returns. */
@Injectable()
export class RoutesService {
  constructor(
    private readonly rows: RouteRepository,
    private readonly changes: ChangeFeed,
  ) {}

  /** @throws DomainError `conflict` when the name is taken */
  async create(draft: RouteDraft): Promise<RouteView> {
    await this.refuseTakenName(draft.name, null);
    const row = await this.rows.insert({ id: randomUUIDv7(), ...draft });
    await this.changes.refresh();
    return view(row);
  }

  async list({ limit, cursor }: PageRequest): Promise<Page<RouteView>> {
    const after = readCursor(cursor) ?? everything;
    if (!uuid.test(after)) throw new DomainError('invalid_request', 'Unknown cursor.', { field: 'cursor' });
    const page = pageOf(await this.rows.page(limit + 1, after), limit, ({ id }) => id);
    return { data: page.data.map(view), nextCursor: page.nextCursor };
  }

  /** @throws DomainError `not_found` */
  async get(id: string): Promise<RouteView> {
    return view(await this.row(id));
  }

  /**
   * @param version the version the change is based on
   * @throws DomainError `not_found`, or `conflict` when the route has changed since, or the name is taken
   */
  async update(id: string, version: number, change: Partial<RouteDraft>): Promise<RouteView> {
    const row = await this.row(id);
    if (change.name !== undefined) await this.refuseTakenName(change.name, row.id);
    const changed = row.version === version ? await this.rows.update(id, version, change) : null;
    if (changed === null) throw new DomainError('conflict', 'The route has changed since it was read.');
    await this.changes.refresh();
    return view(changed);
  }

  /** @throws DomainError `not_found` */
  async remove(id: string): Promise<void> {
    await this.row(id);
    await this.rows.remove(id);
    await this.changes.refresh();
  }

  /** Names of the routes that send calls to this provider. */
  async referring(provider: string): Promise<readonly string[]> {
    const rows = await this.rows.all();
    return rows
      .filter(({ tiers }) => tiers.flat().some((target) => target.provider === provider))
      .map(({ name }) => name);
  }

  private async row(id: string): Promise<RouteEntity> {
    const row = uuid.test(id) ? await this.rows.byId(id) : null;
    if (row === null) throw new DomainError('not_found', `There is no route '${id}'.`);
    return row;
  }

  private async refuseTakenName(name: string, own: string | null): Promise<void> {
    const other = await this.rows.byName(name);
    if (other === null || other.id === own) return;
    throw new DomainError('conflict', `There is a route '${name}' already.`, { field: 'name' });
  }
}

function view({ id, name, tiers, version, createdAt, updatedAt }: RouteEntity): RouteView {
  return { id: asId<'Route'>(id), name, tiers, version, createdAt, updatedAt };
}
