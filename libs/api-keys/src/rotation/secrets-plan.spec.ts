import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { DomainError } from '#kernel';
import { planSecrets, type HeldSecret } from './secrets-plan.js';

const nowMs = 1_000_000;
const anInstant = fc.oneof(fc.integer({ min: nowMs - 500, max: nowMs + 500 }), fc.constant(Infinity));
const anyPlan = fc.record({
  nowMs: fc.constant(nowMs),
  keyExpiresAtMs: fc.oneof(fc.integer({ min: nowMs + 1, max: nowMs + 1_000 }), fc.constant(Infinity)),
  graceMs: fc.nat(1_000),
  emergency: fc.boolean(),
});
const anySecrets = fc
  .array(anInstant, { maxLength: 2 })
  .map((ends) =>
    ends.map((validUntilMs, at): HeldSecret => ({ keyId: `s${at}`, slot: at === 0 ? 1 : 2, validUntilMs })),
  );
const isLive = ({ validUntilMs }: HeldSecret): boolean => validUntilMs > nowMs;

describe('the secrets of a rotated key', () => {
  it('are never three, nor two in one slot, nor valid for longer than they were, the key or the grace allows', () => {
    fc.assert(
      fc.property(anySecrets, anyPlan, (secrets, plan) => {
        fc.pre(plan.emergency || secrets.filter(isLive).length < 2);
        const { dropped, kept, slot } = planSecrets(secrets, plan);
        const left = secrets.filter(({ keyId }) => !dropped.includes(keyId));
        expect(left.map(({ keyId }) => keyId)).toEqual(kept === null ? [] : [kept.keyId]);
        if (kept === null) return;
        expect(kept.slot).not.toBe(slot);
        const before = secrets.find(({ keyId }) => keyId === kept.keyId)?.validUntilMs ?? 0;
        expect(kept.validUntilMs).toBe(Math.min(before, plan.keyExpiresAtMs, nowMs + plan.graceMs));
      }),
    );
  });

  it('are not replaced while two are valid, but in an emergency', () => {
    const secrets: HeldSecret[] = [
      { keyId: 'older', slot: 1, validUntilMs: nowMs + 10 },
      { keyId: 'newer', slot: 2, validUntilMs: Infinity },
    ];
    const plan = { nowMs, keyExpiresAtMs: Infinity, graceMs: 100 };
    expect(() => planSecrets(secrets, { ...plan, emergency: false })).toThrow(DomainError);
    expect(planSecrets(secrets, { ...plan, emergency: true })).toEqual({
      dropped: ['older'],
      kept: { keyId: 'newer', slot: 2, validUntilMs: nowMs + 100 },
      slot: 1,
    });
  });

  it('that leaked alone ends at once in an emergency', () => {
    const secrets: HeldSecret[] = [{ keyId: 'only', slot: 1, validUntilMs: Infinity }];
    const plan = { nowMs, keyExpiresAtMs: Infinity, graceMs: 100, emergency: true };
    expect(planSecrets(secrets, plan)).toEqual({ dropped: ['only'], kept: null, slot: 1 });
  });
});
