import { Inject, Injectable } from '@nestjs/common';
import { CLOCK, type AccountId, type Clock } from '#kernel';
import {
  poolSnapshot,
  type PoolAccount,
  type PoolSnapshot,
  type ProviderPool,
} from '../domain/pool-snapshot.js';
import { staticAccounts } from '../domain/static-accounts.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import type { StoredPoolConfig } from './pool-config.js';
import { ProviderJudges } from './provider-judges.js';
import { ProviderKinds } from './provider-kinds.js';

/**
 * Which pools and accounts there are, as of the last reading of the configuration. In memory; serves on with the
 * database gone. The accounts of the environment are always part of it.
 */
@Injectable()
export class PoolDirectory {
  private current: PoolSnapshot;
  private isLoaded = false;
  private readonly judges = new ProviderJudges();
  private readonly fromEnvironment: readonly PoolAccount[];
  private readonly listeners = new Set<(snapshot: PoolSnapshot) => void>();

  constructor(
    private readonly kinds: ProviderKinds,
    @Inject(POOL_OPTIONS) { staticPool, baseUrls = {} }: ProviderAccountPoolOptions,
    @Inject(CLOCK) clock: Clock,
  ) {
    const { adapterOf } = kinds;
    const since = new Date(clock.nowMs());
    const keys = staticPool ?? { singleKeys: [], keys: [] };
    this.fromEnvironment = staticAccounts(keys, { adapterOf, baseUrls, since });
    const parts = { providers: [], quotaGroups: [], failureRules: [], accounts: this.fromEnvironment };
    this.current = poolSnapshot(parts, adapterOf, this.judges.of);
  }

  /** Whether the stored configuration has been read at least once: the gateway is ready. */
  get loaded(): boolean {
    return this.isLoaded;
  }

  get snapshot(): PoolSnapshot {
    return this.current;
  }

  pool(name: string): ProviderPool | null {
    return this.current.pools.get(name) ?? null;
  }

  account(id: AccountId): PoolAccount | null {
    return this.current.accounts.get(id) ?? null;
  }

  /** Puts a newly read configuration in force and tells the listeners, in this turn of the event loop. */
  replace(stored: StoredPoolConfig): void {
    const accounts = [...stored.accounts, ...this.fromEnvironment];
    this.current = poolSnapshot({ ...stored, accounts }, this.kinds.adapterOf, this.judges.of);
    this.judges.follow(this.current);
    this.isLoaded = true;
    for (const listener of this.listeners) listener(this.current);
  }

  /** Calls back with each snapshot from now on, the present one included. */
  follow(listener: (snapshot: PoolSnapshot) => void): void {
    this.listeners.add(listener);
    listener(this.current);
  }
}
