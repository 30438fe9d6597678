import type { FairQueueOptions } from '#pool-core';
import type { ModelCatalogue } from '../catalogue/model-catalogue.js';
import { poolOptionsOf, queueOptionsOf, ringOptions } from '../domain/pool-settings.js';
import type { PoolSnapshot, ProviderPool } from '../domain/pool-snapshot.js';
import type { Strategies } from '../domain/strategies.js';
import type { PoolSetup } from './pool-state-store.js';

/**
 * How each pool is to be, as configured.
 *
 * @param coolDownMs of pools that come from the environment alone
 * @param catalogue what providers list
 */
export function poolSetups(
  { pools }: PoolSnapshot,
  strategies: Strategies,
  coolDownMs: number | undefined,
  catalogue: Pick<ModelCatalogue, 'effective'>,
): PoolSetup[] {
  return Array.from(pools.values(), (pool) => ({
    name: pool.name,
    options: optionsOf(pool, strategies, coolDownMs),
    specs: pool.accounts.map(({ spec }) => catalogue.effective(spec, pool)),
  }));
}

/** How calls wait, by the name of the pool they wait for. */
export function queueOptionsByPool({ pools }: PoolSnapshot): ReadonlyMap<string, Partial<FairQueueOptions>> {
  return new Map(
    Array.from(pools.values(), ({ name, provider }) => [name, queueOptionsOf(provider?.settings ?? {})]),
  );
}

function optionsOf(
  { adapter, provider }: ProviderPool,
  strategies: Strategies,
  coolDownMs: number | undefined,
): PoolSetup['options'] {
  const { promptCache } = adapter.capabilities;
  return {
    ...(promptCache === null ? {} : { promptCacheMs: promptCache.ttlMs }),
    ...(provider === null
      ? ringOptions(coolDownMs)
      : poolOptionsOf(strategies.of(provider.strategy), provider.settings)),
  };
}
