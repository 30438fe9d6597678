import type { ThrottlerStorage } from '@nestjs/throttler';
import type { LimitStore } from './limit-store.js';

type Hits = Awaited<ReturnType<ThrottlerStorage['increment']>>;

const minuteMs = 60_000;

/** Lets `@nestjs/throttler` count where the limits of keys are counted: one bound on memory, shared where those are. */
export class SharedThrottlerStorage implements ThrottlerStorage {
  constructor(private readonly limits: LimitStore) {}

  /** @throws RangeError for a span other than a minute */
  async increment(key: string, ttl: number, limit: number): Promise<Hits> {
    if (ttl !== minuteMs) throw new RangeError(`a throttle of ${ttl} ms: only limits a minute are kept`);
    const subject = `throttle:${key}`;
    const limits = { rpm: limit, tpm: null, maxConcurrency: null };
    const verdict = await this.limits.take({ subject, callId: key, limits, tokens: 0 });
    if (verdict.kind === 'refused') {
      const seconds = Math.max(1, Math.ceil(verdict.retryAfterMs / 1000));
      return { totalHits: limit + 1, timeToExpire: seconds, isBlocked: true, timeToBlockExpire: seconds };
    }
    verdict.settle(0);
    const totalHits = Math.ceil(limit - verdict.requestsLeft);
    return { totalHits, timeToExpire: minuteMs / 1000, isBlocked: false, timeToBlockExpire: 0 };
  }
}
