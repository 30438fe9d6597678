import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { noTokens, Secret, type LimitReading } from '#kernel';
import { AccountScheduler, type LeaseRequest } from '#provider-account-pool';
import { aCall, aFailure, leaseOf, ManualClock, reasonsOf, startPool } from './pool-process.js';

const tokens = (remaining: number): LimitReading => ({
  unit: 'tokens',
  window: 'minute',
  limit: 1_000,
  remaining,
  resetAtMs: null,
});

describe('what a call is expected to use', () => {
  let app: TestingModule;
  let clock: ManualClock;
  beforeEach(async () => {
    clock = new ManualClock();
    const keys = [{ provider: 'groq', key: new Secret('gsk_0123456789') }];
    const staticPool = { singleKeys: [], keys, coolDownMs: 1_000 };
    app = await startPool({ url: null, clock, pool: { staticPool } });
  });
  afterEach(() => app.close());

  /** Calls to their end, each of which generated so much. */
  function answered(
    count: number,
    output: number,
    more: Partial<LeaseRequest>,
    limits: LimitReading[] = [],
  ): void {
    for (let call = 0; call < count; call += 1) {
      const usage = { ...noTokens, input: 1, output };
      leaseOf(app, more).settle({ kind: 'succeeded', tokens: usage, limits, firstByteMs: 1, durationMs: 1 });
    }
  }

  /** Of 1,000 tokens a minute so many are left. */
  function leave(provider: string, remaining: number): void {
    answered(1, 1, { provider, model: 'another', maxOutputTokens: 1 }, [tokens(remaining)]);
  }

  const reasons = (more: Partial<LeaseRequest>) => reasonsOf(app.get(AccountScheduler).acquire(aCall(more)));
  const explained = (provider: string, callerId: string | null = null) =>
    app
      .get(AccountScheduler)
      .explain({ provider, model: 'gpt-5', estimatedTokens: 10, callerId })
      .accounts.map(({ reason }) => reason);

  const groq = (callerId: string, maxOutputTokens: number | null = null) => ({
    provider: 'groq',
    callerId,
    maxOutputTokens,
  });
  function learn(): void {
    answered(20, 5, groq('brief'));
    answered(20, 700, groq('verbose'));
    leave('groq', 600);
  }

  it('is what answers of the same caller and model have come to, and never more than the caller allows', () => {
    learn();
    expect(reasons(groq('verbose'))).toEqual(['tpm']);
    expect(reasons(groq('verbose', 100))).toEqual([]);
    expect(reasons(groq('brief'))).toEqual([]);
  });

  it('is explained as it is reserved: by the caller', () => {
    learn();
    expect([explained('groq', 'brief'), explained('groq', 'verbose')]).toEqual([[null], ['tpm']]);
  });

  it('is explained as it is reserved: with what the provider holds of an answer', () => {
    answered(20, 5, groq('brief'));
    const limits = [tokens(500)];
    for (let refusal = 0; refusal < 3; refusal += 1) {
      const failure = aFailure({ class: 'rate_limited', retryAfterMs: 1_000 });
      leaseOf(app, groq('brief')).settle({ kind: 'failed', failure, tokens: null, limits, durationMs: 1 });
      clock.advanceMs(1_000);
      answered(1, 1, { provider: 'groq', maxOutputTokens: 1 });
    }
    leave('groq', 300);
    expect(reasons(groq('brief', 5))).toEqual([]);
    expect(reasons(groq('brief'))).toEqual(['tpm']);
    expect(explained('groq', 'brief')).toEqual(['tpm']);
  });
});
