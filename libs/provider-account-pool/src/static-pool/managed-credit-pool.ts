import { Inject, Injectable } from '@nestjs/common';
import type { AccountId, Secret } from '#kernel';
import { isSidePoolAccount } from '../domain/static-accounts.js';
import type { PoolAccount } from '../domain/pool-snapshot.js';
import { HealthMonitor } from '../health/health-monitor.js';
import { POOL_OPTIONS, type ProviderAccountPoolOptions } from '../provider-account-pool.options.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';

const defaultCoolDownMs = 5 * 60_000;

/**
 * The minimal pool: a ring over the keys of `SIDE_POOL_KEYS`, without any database. Shares its cool-downs with the
 * scheduler: a key that rests here is not used there, and the other way round.
 */
@Injectable()
export class ManagedCreditPool {
  /** Where the ring of each provider stands. */
  private readonly positions = new Map<string, number>();
  private readonly rings: ReadonlyMap<string, readonly PoolAccount[]>;

  constructor(
    private readonly directory: PoolDirectory,
    private readonly health: HealthMonitor,
    @Inject(POOL_OPTIONS) private readonly options: ProviderAccountPoolOptions,
  ) {
    const accounts = [...directory.snapshot.accounts.values()].filter(isSidePoolAccount);
    this.rings = Map.groupBy(accounts, ({ provider }) => provider);
  }

  /** The provider of the first single key (`GROQ_API_KEY`, ...), else of the first pooled key; `null` without any. */
  get defaultProvider(): string | null {
    const { singleKeys = [], keys = [] } = this.options.staticPool ?? {};
    return singleKeys[0]?.provider ?? keys[0]?.provider ?? null;
  }

  /** The accounts of the environment that belong to the {@link ManagedCreditPool.defaultProvider}, in order. */
  accountIds(): readonly AccountId[] {
    return [...this.directory.snapshot.accounts.values()]
      .filter(({ source, provider }) => source === 'environment' && provider === this.defaultProvider)
      .map(({ spec }) => spec.id);
  }

  /** The next usable key in turn; `null` when there is none, or all rest. */
  getNextKey(provider: string): Secret | null {
    const ring = this.rings.get(provider) ?? [];
    const position = this.positions.get(provider) ?? 0;
    for (let step = 0; step < ring.length; step += 1) {
      const index = (position + step) % ring.length;
      const account = ring[index];
      if (account === undefined || !this.isUsable(account)) continue;
      this.positions.set(provider, index + 1);
      return account.credential;
    }
    return null;
  }

  /**
   * Takes a key out of the ring for a while; a longer rest under way is not shortened. Unknown keys are passed over.
   *
   * @param forMs > 0, default `COOL_DOWN_MINUTES`
   */
  markAsCooling(key: Secret, forMs = this.options.staticPool?.coolDownMs ?? defaultCoolDownMs): void {
    const text = key.reveal();
    for (const account of [...this.rings.values()].flat()) {
      if (account.credential?.reveal() === text)
        this.health.bench(account, forMs, 'static.marked_as_cooling');
    }
  }

  private isUsable(account: PoolAccount): boolean {
    const { kind } = this.health.stateOf(account);
    return kind === 'closed' || kind === 'half_open';
  }
}
