import type { FactoryProvider, OnApplicationShutdown } from '@nestjs/common';
import { Redis } from 'ioredis';
import { CLOCK, type Clock, type Secret } from '#kernel';
import { Logger } from '#observability';
import { LimitStore } from './limit-store.js';
import { MemoryLimitStore } from './memory-limit-store.js';
import { RedisLimitStore } from './redis-limit-store.js';

const longestPauseMs = 5_000;
const goodbyeMs = 250;

/** Owns the connection; Nest closes it with the process. */
class OwnRedisLimitStore extends RedisLimitStore implements OnApplicationShutdown {
  constructor(
    private readonly redis: Redis,
    clock: Clock,
    logger: Logger,
  ) {
    super({ redis, local: new MemoryLimitStore(clock), clock, logger });
  }

  onApplicationShutdown(): void {
    this.close();
    this.redis.disconnect();
  }
}

/**
 * Where limits are counted.
 *
 * @param redisUrl `null`: in this process alone
 */
export const limitStoreAt = (redisUrl: Secret | null): FactoryProvider<LimitStore> => ({
  provide: LimitStore,
  inject: [CLOCK, Logger],
  useFactory: (clock: Clock, logger: Logger) =>
    redisUrl === null
      ? new MemoryLimitStore(clock)
      : new OwnRedisLimitStore(connect(redisUrl), clock, logger),
});

/** A connection that never makes a call wait for Redis to come back. How long an answer is awaited is up to the store. */
export function connect(url: Secret): Redis {
  const redis = new Redis(url.reveal(), {
    enableOfflineQueue: false,
    maxRetriesPerRequest: 0,
    connectTimeout: longestPauseMs,
    // A Redis that hangs or is gone does not say goodbye; the end of the process would wait for it.
    disconnectTimeout: goodbyeMs,
    retryStrategy: (attempt) => Math.min(longestPauseMs, 50 * 2 ** Math.min(attempt, 10)),
  });
  // Told by the store, once an outage and without the URL, which may hold a password.
  redis.on('error', () => undefined);
  return redis;
}
