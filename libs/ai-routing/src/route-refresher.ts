import { Injectable, type OnApplicationBootstrap, type OnApplicationShutdown } from '@nestjs/common';
import { ChangeFeed } from '#persistence';
import { RouteRepository } from './persistence/route-repository.js';
import { RouteTable } from './route-table.js';

/** Keeps the {@link RouteTable} equal to the database; with the database gone the last state stays in force. */
@Injectable()
export class RouteRefresher implements OnApplicationBootstrap, OnApplicationShutdown {
  private unsubscribe: () => void = () => undefined;

  constructor(
    private readonly rows: RouteRepository,
    private readonly table: RouteTable,
    private readonly changes: ChangeFeed,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    this.unsubscribe = this.changes.subscribe(['routes'], () => this.reload());
    await this.reload();
  }

  onApplicationShutdown(): void {
    this.unsubscribe();
  }

  private async reload(): Promise<void> {
    const rows = await this.rows.all();
    this.table.replace(new Map(rows.map(({ name, tiers }) => [name, tiers])));
  }
}
