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

/** Longest wait for Redis, ms: past it a call goes by what this process knows. */
const answerWithinMs = 250;
/** A process that says nothing for so long has lost its calls; it says so three times as often. */
const lostAfterMs = 30_000;
/** A connection on which Redis has owed answers at so many of these in a row is given up: its calls are lost by then. */
const mostSilentBeats = 3;

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
 * counts for itself, so that keys may use their limits once a replica; nothing is refused because of it. While it owes an answer it is
 * asked nothing more, and what it took too late is given back. Clocks of replicas
 * that differ shift the first minute by the difference, no more.
 */
export class RedisLimitStore extends LimitStore {
  private readonly open = new Map<string, string>();
  private readonly beat = setInterval(() => this.renew(), lostAfterMs / 3).unref();
  private isAway = false;
  /** Asks whose answers nobody waits for any more. */
  private overdue = 0;
  private silentBeats = 0;

  constructor(private readonly parts: RedisLimitStoreParts) {
    super();
    parts.redis.defineCommand('takeOfLimits', { numberOfKeys: 2, lua: takeScript });
    parts.redis.defineCommand('settleLimits', { numberOfKeys: 2, lua: settleScript });
  }

  override async take(ask: LimitAsk): Promise<LimitHold | LimitRefusal> {
    const { redis, local, clock } = this.parts;
    if (redis.status !== 'ready' || this.overdue > 0) return this.without(local, ask);
    const { subject, callId, limits, tokens } = ask;
    const nowMs = clock.nowMs();
    const bounds = [limits.rpm, limits.tpm, limits.maxConcurrency].map((limit) => limit ?? -1);
    try {
      const lostAtMs = nowMs + lostAfterMs;
      const answer = redis.takeOfLimits(...keysOf(subject), nowMs, ...bounds, tokens, callId, lostAtMs);
      const taken = await inTime(answer);
      if (taken === null) {
        this.giveBackLate(answer, ask);
        return this.without(local, ask);
      }
      const [by, amount] = taken;
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

  private giveBackLate(answer: Promise<[string, number]>, ask: LimitAsk): void {
    this.overdue += 1;
    const isTaken = ([by]: [string, number]): boolean => by === '';
    answer
      .then((late) => isTaken(late) && this.settle(ask, 0))
      .catch(() => undefined)
      .finally(() => (this.overdue -= 1));
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
    const isSilent = this.overdue > 0 || redis.status === 'connect';
    this.silentBeats = isSilent ? this.silentBeats + 1 : 0;
    if (this.silentBeats >= mostSilentBeats) {
      this.silentBeats = 0;
      redis.disconnect(true);
    }
    if (this.open.size === 0 || redis.status !== 'ready') return;
    const lostAtMs = clock.nowMs() + lostAfterMs;
    const pipeline = redis.pipeline();
    for (const [callId, subject] of this.open) pipeline.zadd(keysOf(subject)[1], 'XX', lostAtMs, callId);
    pipeline.exec().catch(() => undefined);
  }
}

/** @returns `null` when the answer is not there in time; it may still come */
function inTime<Answer>(answer: Promise<Answer>): Promise<Answer | null> {
  const { promise, resolve, reject } = Promise.withResolvers<Answer | null>();
  const timer = setTimeout(resolve, answerWithinMs, null);
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
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
