import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { Secret } from '#kernel';
import { AccountScheduler } from '#provider-account-pool';
import { aCall, leaseOf, ManualClock, startPool } from './pool-process.js';

const keys = ['openai', 'groq'].map((provider) => ({
  provider,
  key: new Secret(`sk_0123456789_${provider}`),
}));

/** A first answer tells a limit of 1,000 tokens per minute. */
const learnLimit = (app: TestingModule, provider: string): void =>
  leaseOf(app, { provider }).settle({
    kind: 'succeeded',
    tokens: { input: 10, output: 1, cachedInput: 0, reasoning: 0 },
    limits: [{ unit: 'tokens', window: 'minute', limit: 1_000, remaining: 1_000, resetAtMs: null }],
    firstByteMs: 1,
    durationMs: 1,
  });

describe('the bound that a caller sets on an answer', () => {
  let app: TestingModule;
  beforeEach(async () => {
    const staticPool = { singleKeys: [], keys, coolDownMs: 1_000 };
    app = await startPool({ url: null, clock: new ManualClock(), pool: { staticPool } });
  });
  afterEach(() => app.close());

  it.each([
    ['openai', 'takes', 'refused'],
    ['groq', 'does not take', 'leased'],
  ] as const)('at %s %s the limit from those who come after', (provider, _verb, kind) => {
    learnLimit(app, provider);
    const bounded = { provider, maxOutputTokens: 600 };
    leaseOf(app, bounded);
    expect(app.get(AccountScheduler).acquire(aCall(bounded)).kind).toBe(kind);
  });
});
