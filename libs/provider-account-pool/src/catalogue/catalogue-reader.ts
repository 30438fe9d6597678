import { Injectable } from '@nestjs/common';
import { UpstreamClient } from '#ai-provider';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import { ModelCatalogue } from './model-catalogue.js';
import type { ListReading } from './model-list-store.js';
import type { ModelList } from './model-list.js';

const readTimeoutMs = 30_000;

/** Asks providers which models an account can serve. What that comes to says nothing about the health of the account. */
@Injectable()
export class CatalogueReader {
  constructor(
    private readonly upstream: UpstreamClient,
    private readonly directory: PoolDirectory,
    private readonly catalogue: ModelCatalogue,
    private readonly health: HealthMonitor,
  ) {}

  /** @returns `null` for an account that cannot be asked, and for a provider that has no list */
  async read(
    { provider, credential, baseUrl }: PoolAccount,
    signal: AbortSignal,
  ): Promise<ListReading | null> {
    const adapter = this.directory.pool(provider)?.adapter;
    if (adapter === undefined || credential === null) return null;
    const bounded = AbortSignal.any([signal, AbortSignal.timeout(readTimeoutMs)]);
    const result = await this.upstream.models(adapter, { baseUrl, credential }, bounded);
    switch (result.kind) {
      case 'listed':
        return { models: result.models, fault: null };
      case 'failed':
        return { models: null, fault: result.failure.rule };
      case 'unsupported':
        return null;
    }
  }

  /** A model that an account was refused, and that its provider lists since, is tried again. */
  noteListed({ accountId, models }: ModelList): void {
    const account = this.directory.account(accountId);
    const before = this.catalogue.of(accountId)?.models;
    if (account === null || models === null || before == null) return;
    const known = new Set(before);
    const fresh = models.filter((model) => !known.has(model));
    if (fresh.length > 0) this.health.offerModels(account, fresh);
  }
}
