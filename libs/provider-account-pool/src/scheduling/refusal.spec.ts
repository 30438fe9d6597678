import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import type { Refusal, RefusalReason } from '#pool-core';
import { poolRefusal, refusalOfOnly } from './refusal.js';

const refusal = (reason: RefusalReason, untilMs: number | null = null): Refusal => ({
  accountId: asId<'Account'>(reason),
  reason,
  untilMs,
});
const refused = (reasons: readonly RefusalReason[], earliestMs: number | null, waitingHelps: boolean) => ({
  kind: 'refused' as const,
  refusals: reasons.map((reason) => refusal(reason)),
  earliestMs,
  waitingHelps,
});

describe('poolRefusal', () => {
  it('is "unavailable" without any account, or when all wait for a person', () => {
    expect(poolRefusal(refused([], null, false)).why).toBe('unavailable');
    expect(poolRefusal(refused(['disabled', 'auth_failed', 'paused'], 9, false))).toMatchObject({
      why: 'unavailable',
      earliestMs: null,
    });
  });

  it('is "exhausted" as soon as one account comes back by itself, and reads no reasons for that', () => {
    const unread = {
      [Symbol.iterator]: () => {
        throw new Error('reasons were read');
      },
    };
    expect(poolRefusal({ ...refused([], 500, true), refusals: unread })).toMatchObject({
      why: 'exhausted',
      earliestMs: 500,
    });
    expect(poolRefusal(refused(['concurrency'], null, true))).toMatchObject({
      why: 'exhausted',
      earliestMs: null,
    });
  });

  it('is "tried" when nothing else stands in the way of those that are left', () => {
    expect(poolRefusal(refused(['disabled', 'already_tried'], null, false)).why).toBe('tried');
  });
});

describe('refusalOfOnly', () => {
  it('goes by the one account that can serve the call', () => {
    expect(refusalOfOnly(refusal('cooling', 700))).toMatchObject({ why: 'exhausted', earliestMs: 700 });
    expect(refusalOfOnly(refusal('already_tried')).why).toBe('tried');
    expect(refusalOfOnly(refusal('disabled')).why).toBe('unavailable');
    expect(refusalOfOnly(null).why).toBe('unavailable');
  });
});
