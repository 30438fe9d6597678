import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import type { Refusal, RefusalReason } from '#pool-core';
import { poolRefusal } from './refusal.js';

const refusal = (reason: RefusalReason, untilMs: number | null = null): Refusal => ({
  accountId: asId<'Account'>(reason),
  reason,
  untilMs,
});

describe('poolRefusal', () => {
  it('is "unavailable" without any account, or when all wait for a person', () => {
    expect(poolRefusal([], null).why).toBe('unavailable');
    expect(poolRefusal([refusal('disabled'), refusal('auth_failed'), refusal('paused', 9)], 9)).toMatchObject(
      {
        why: 'unavailable',
        earliestMs: null,
      },
    );
  });

  it('is "exhausted" as soon as one account comes back by itself', () => {
    expect(poolRefusal([refusal('disabled'), refusal('rpm', 500)], 500)).toMatchObject({
      why: 'exhausted',
      earliestMs: 500,
    });
    expect(poolRefusal([refusal('concurrency')], null)).toMatchObject({ why: 'exhausted', earliestMs: null });
  });

  it('names the soonest return also when the call has tried all accounts that rest now', () => {
    expect(poolRefusal([refusal('cooling', 900), refusal('cooling', 700)], null).earliestMs).toBe(700);
  });

  it('is "tried" when nothing else stands in the way of those that are left', () => {
    expect(poolRefusal([refusal('disabled'), refusal('already_tried')], null).why).toBe('tried');
  });
});
