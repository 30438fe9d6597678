import type { Redis, Result } from 'ioredis';
import type { Clock } from '#kernel';
import type { Logger } from '#observability';
import {
  LimitStore,
  slotRetryMs,
  type KeyLimits,
  type LimitAsk,
  type LimitHold,
  type LimitRefusal,
} from './limit-store.js';
import { settleScript, takeScript } from './redis-limit-script.js';

declare module 'ioredis' {
  interface RedisCommander<Context> {
    takeOfLimits(...keysAndArguments: (string | number)[]): Result<[string, number], Context>;
    settleLimits(...keysAndArguments: (string | number)[]): Result<null, Context>;
  }
}

/** A process that says nothing for so long has lost its calls; it says so three times as often. */
const lostAfterMs = 30_000;

/** What the store works with. */
export interface RedisLimitStoreParts {
  /** Not asked while it is not connected. */
  readonly redis: Redis;
  /** Counts while Redis is away. */
  readonly local: LimitStore;
  readonly clock: Clock;
  readonly logger: Logger;
}

/**
 * Counts for all replicas together, one round trip a call of a key that has limits. While Redis is away each process
 * counts for itself, so that keys may use their limits once a replica; nothing is refused because of it. Clocks of replicas
 * that differ shift the first minute by the difference, no more.
 */
export class RedisLimitStore extends LimitStore {
  private readonly open = new Map<string, string>();
  private readonly beat = setInterval(() => this.renew(), lostAfterMs / 3).unref();
  private isAway = false;

  constructor(private readonly parts: RedisLimitStoreParts) {
    super();
    parts.redis.defineCommand('takeOfLimits', { numberOfKeys: 2, lua: takeScript });
    parts.redis.defineCommand('settleLimits', { numberOfKeys: 2, lua: settleScript });
  }

  override async take(ask: LimitAsk): Promise<LimitHold | LimitRefusal> {
    const { redis, local, clock } = this.parts;
    if (redis.status !== 'ready') return this.without(local, ask);
    const { subject, callId, limits, tokens } = ask;
    const nowMs = clock.nowMs();
    const bounds = [limits.rpm, limits.tpm, limits.maxConcurrency].map((limit) => limit ?? -1);
    try {
      const [by, amount] = await redis.takeOfLimits(
        ...keysOf(subject),
        nowMs,
        ...bounds,
        tokens,
        callId,
        nowMs + lostAfterMs,
      );
      this.noteBack();
      if (by !== '') return refusalBy(by as keyof KeyLimits, amount);
      if (limits.maxConcurrency !== null) this.open.set(callId, subject);
      return new SharedHold(amount < 0 ? Infinity : amount, (used) => this.settle(ask, used));
    } catch (error) {
      return this.without(local, ask, error);
    }
  }

  /** Stops renewing; the connection is its owner's. */
  close(): void {
    clearInterval(this.beat);
  }

  private without(local: LimitStore, ask: LimitAsk, error?: unknown): ReturnType<LimitStore['take']> {
    if (!this.isAway) {
      this.isAway = true;
      this.parts.logger.warn('Redis is away: each process counts the limits of keys for itself', { error });
    }
    return local.take(ask);
  }

  private noteBack(): void {
    if (!this.isAway) return;
    this.isAway = false;
    this.parts.logger.info('Redis is back: the limits of keys are counted together again');
  }

  /** What cannot be told Redis is lost: the slot is free half a minute later, the tokens count as expected. */
  private settle({ subject, callId, tokens }: LimitAsk, used: number): void {
    this.open.delete(callId);
    if (this.parts.redis.status !== 'ready') return;
    this.parts.redis.settleLimits(...keysOf(subject), used - tokens, callId).catch(() => undefined);
  }

  private renew(): void {
    const { redis, clock } = this.parts;
    if (this.open.size === 0 || redis.status !== 'ready') return;
    const lostAtMs = clock.nowMs() + lostAfterMs;
    const pipeline = redis.pipeline();
    for (const [callId, subject] of this.open) pipeline.zadd(keysOf(subject)[1], 'XX', lostAtMs, callId);
    pipeline.exec().catch(() => undefined);
  }
}

class SharedHold implements LimitHold {
  readonly kind = 'taken';
  private isOpen = true;

  constructor(
    readonly requestsLeft: number,
    private readonly end: (tokensUsed: number) => void,
  ) {}

  settle(tokensUsed: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.end(tokensUsed);
  }
}

/** In braces what decides on which node of a cluster they lie: both on one. */
const keysOf = (subject: string): [string, string] => [`pap:{${subject}}:spent`, `pap:{${subject}}:open`];

const refusalBy = (by: keyof KeyLimits, waitMs: number): LimitRefusal => ({
  kind: 'refused',
  by,
  retryAfterMs: by === 'maxConcurrency' ? slotRetryMs : waitMs,
});
