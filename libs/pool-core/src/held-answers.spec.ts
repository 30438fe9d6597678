import { describe, expect, it } from '@jest/globals';
import type { LimitReading, ProviderFailure } from '#kernel';
import { HeldAnswers } from './held-answers.js';

const hourMs = 3_600_000;
const failure: ProviderFailure = { class: 'rate_limited', scope: 'account', rule: 'r', retryAfterMs: null };
const tokens = (remaining: number | null): LimitReading => ({
  unit: 'tokens',
  window: 'minute',
  limit: 100_000,
  remaining,
  resetAtMs: null,
});
const call = { provider: 'p', model: 'm', maxOutputTokens: 4_000, inputTokens: 100, outputTokens: 200 };

/** Refusals of calls of 100 prompt tokens, with what the provider said to be left. */
class Refusals {
  readonly held = new HeldAnswers();
  nowMs = 1_000;

  refuse(remaining: number | null, more: { model?: string; maxOutputTokens?: null } = {}): this {
    this.held.learn({ ...call, ...more }, { failure, limits: [tokens(remaining)] }, this.nowMs);
    return this;
  }

  of(bound: number | null, model = 'm'): number | undefined {
    return this.held.of('p', model, bound, this.nowMs);
  }
}

describe('HeldAnswers', () => {
  it('knows nothing until three calls were refused for which there was room', () => {
    const refusals = new Refusals().refuse(2_000).refuse(3_130);
    expect(refusals.of(4_000)).toBeUndefined();
    refusals.refuse(2_500);
    expect(refusals.of(4_000)).toBe(3_000);
    expect(refusals.of(500)).toBe(500);
  });

  it('keeps calls with a bound, calls without, and models apart', () => {
    const refusals = new Refusals();
    for (let at = 0; at < 3; at += 1) refusals.refuse(2_130, { maxOutputTokens: null });
    expect(refusals.of(null)).toBe(2_000);
    expect(refusals.of(4_000)).toBeUndefined();
    expect(refusals.of(null, 'other')).toBeUndefined();
  });

  it('learns nothing from a refusal that what was left explains', () => {
    const refusals = new Refusals();
    for (let at = 0; at < 9; at += 1) refusals.refuse(500).refuse(0).refuse(null);
    expect(refusals.of(4_000)).toBeUndefined();
  });

  it('learns nothing when requests are used up, and nothing from other failures', () => {
    const { held } = new Refusals();
    const none: LimitReading = { ...tokens(0), unit: 'requests' };
    for (let at = 0; at < 3; at += 1) {
      held.learn(call, { failure, limits: [tokens(3_000), none] }, 0);
      held.learn(call, { failure, limits: [] }, 0);
      held.learn(call, { failure: { ...failure, class: 'overloaded' }, limits: [tokens(3_000)] }, 0);
      held.learn(call, { failure: { ...failure, scope: 'request' }, limits: [tokens(3_000)] }, 0);
    }
    expect(held.of('p', 'm', 4_000, 0)).toBeUndefined();
  });

  it('gives the thought up when not even the whole bound explains a refusal', () => {
    const refusals = new Refusals().refuse(3_000).refuse(3_000).refuse(3_000).refuse(50_000);
    expect(refusals.of(4_000)).toBeUndefined();
  });

  it('tries after an hour without a proof whether as much is still held', () => {
    const refusals = new Refusals().refuse(3_000).refuse(3_000).refuse(3_000);
    refusals.nowMs += hourMs;
    expect(refusals.of(4_000)).toBe(2_870);
    refusals.nowMs += 1;
    expect(refusals.of(4_000)).toBeUndefined();
  });

  it('remembers a thousand models at most', () => {
    const refusals = new Refusals();
    for (let at = 0; at < 1_002; at += 1) {
      for (let proof = 0; proof < 3; proof += 1) refusals.refuse(3_000, { model: `m${at}` });
    }
    expect(refusals.of(4_000, 'm1')).toBeUndefined();
    expect(refusals.of(4_000, 'm2')).toBe(2_870);
  });
});
