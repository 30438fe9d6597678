import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { failureClasses } from '#kernel';
import {
  PoolInTime,
  aFailure,
  aborted,
  anAccount,
  anAsk,
  failedBy,
  succeeded,
  reasonsOf,
} from '../test-support/a-pool.js';
import type { AccountSpec, RefusalReason } from './account.js';
import { accountStatuses } from './account-status.js';
import type { Reservation } from './reservation.js';
import { dumpStates } from './saved-states.js';
import { nextChanceMs, reserveNow } from './select-account.js';
import type { Outcome } from './settle.js';

describe('selectAccount', () => {
  it('lets exactly 24 of 30 immediate requests pass on 4 accounts of 6 requests per minute', () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd'].map((id) => anAccount(id, { limits: { rpm: 6 } })));
    const decisions = Array.from({ length: 30 }, () => pool.select());
    expect(decisions.filter(({ kind }) => kind === 'selected')).toHaveLength(24);
    expect(decisions.at(-1)).toMatchObject({ kind: 'refused', earliestMs: pool.nowMs + 10_000 });
  });

  it('serves from the lowest tier that can admit, and only from there', () => {
    const pool = new PoolInTime([
      anAccount('backup', { tier: 2 }),
      anAccount('first', { limits: { maxConcurrency: 2 } }),
    ]);
    const picks = [pool.reserve(), pool.reserve(), pool.reserve()].map(({ accountId }) => accountId);
    expect(picks).toEqual(['first', 'first', 'backup']);
  });

  it('never gives the last slot to two callers', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { maxConcurrency: 1 } })]);
    const first = pool.reserve();
    expect(pool.reason()).toBe('concurrency');
    pool.settle(first);
    expect(pool.reason()).toBeNull();
  });

  it.each<[RefusalReason, Partial<Omit<AccountSpec, 'limits'>>]>([
    ['disabled', { human: { kind: 'disabled' } }],
    ['compromised', { human: { kind: 'compromised' } }],
    ['paused', { human: { kind: 'paused', untilMs: null } }],
    ['model_not_allowed', { models: { allow: ['model-b', 'other-*'], deny: [] } }],
    ['model_not_allowed', { models: { allow: [], deny: ['model-*'] } }],
    ['credential_unusable', { credentialUsable: false }],
  ])('refuses with %s', (reason, spec) => {
    expect(new PoolInTime([anAccount('a', spec)]).reason()).toBe(reason);
  });

  it('ends a pause by itself', () => {
    const pool = new PoolInTime([anAccount('a', { human: { kind: 'paused', untilMs: 1_000_500 } })]);
    expect(pool.select()).toMatchObject({ earliestMs: 1_000_500 });
    expect(pool.pass(500).reason()).toBeNull();
  });

  it('does not try an account twice in one call', () => {
    const pool = new PoolInTime([anAccount('a'), anAccount('b')]);
    expect(pool.reserve(anAsk({ exclude: ['a'] })).accountId).toBe('b');
    expect(pool.reason(anAsk({ exclude: ['a', 'b'] }))).toBe('already_tried');
  });

  it.each<[RefusalReason, object]>([
    ['rpm', { rpm: 1 }],
    ['tpm', { tpm: 20 }],
    ['itpm', { itpm: 15 }],
    ['otpm', { otpm: 8 }],
    ['rpd', { rpd: 1 }],
    ['tpd', { tpd: 20 }],
  ])('counts %s', (reason, limits) => {
    const pool = new PoolInTime([anAccount('a', { limits })]);
    pool.reserve();
    expect(pool.reason()).toBe(reason);
  });

  it('admits what is larger than a limit when the window is full, not sooner', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { tpm: 100 } })]);
    const large = anAsk({ inputTokens: 5_000 });
    pool.settle(pool.reserve(), { kind: 'aborted', tokens: null });
    const refused = pool.select(large);
    expect(reasonsOf(refused)).toEqual(['request_too_large_for_limit']);
    if (refused.kind === 'refused') pool.nowMs = refused.earliestMs ?? 0;
    pool.reserve(large);
    expect(pool.reason(anAsk({ inputTokens: 1 }))).toBe('tpm');
  });

  it('holds nothing against anybody for what it refuses itself', () => {
    const pool = new PoolInTime(
      ['a', 'b'].map((id) => anAccount(id, { limits: { rpm: 6, maxConcurrency: 4 } })),
    );
    for (let call = 0; call < 8; call += 1) pool.reserve();
    const look = () => [accountStatuses(pool.pool, pool.nowMs), dumpStates(pool.pool, pool.nowMs)];
    const before = look();
    for (let call = 0; call < 1_000; call += 1) expect(pool.select().kind).toBe('refused');
    expect(look()).toEqual(before);
  });

  it('never answers that time helps when only a person or the end of a call does', () => {
    const pool = new PoolInTime([
      anAccount('off', { human: { kind: 'disabled' } }),
      anAccount('busy', { limits: { maxConcurrency: 1, rpm: 1 } }),
    ]);
    pool.reserve();
    expect(pool.select()).toMatchObject({ kind: 'refused', earliestMs: null });
  });
});

const limit = fc.option(fc.integer({ min: 1, max: 50 }), { nil: null });
const anyAccount = fc.record({
  rpm: limit,
  tpm: limit.map((one) => one && one * 7),
  otpm: limit,
  rpd: limit,
  pausedForMs: fc.option(fc.integer({ min: 1, max: 100_000 }), { nil: null }),
});

describe('the instant a refusal names', () => {
  it('is when the ask is admitted, and not 1 ms sooner', () => {
    const accounts = fc.array(anyAccount, { minLength: 1, maxLength: 4 });
    const asks = fc.array(fc.record({ tokens: fc.nat(40), gapMs: fc.nat(3_000) }), { maxLength: 60 });
    fc.assert(
      fc.property(accounts, asks, (limits, steps) => {
        const now = 1_700_000_000_000;
        const specs = limits.map(({ pausedForMs, ...rest }, index) =>
          anAccount(`a${index}`, {
            limits: rest,
            human:
              pausedForMs === null ? { kind: 'enabled' } : { kind: 'paused', untilMs: now + pausedForMs },
          }),
        );
        const pool = new PoolInTime(specs);
        pool.nowMs = now;
        for (const { tokens, gapMs } of steps) {
          const ask = anAsk({ inputTokens: tokens, outputTokens: tokens >> 1 });
          const decision = pool.pass(gapMs).select(ask);
          if (decision.kind === 'selected') continue;
          if (decision.earliestMs === null) throw new Error('time always helps here');
          expect(nextChanceMs(pool.pool, ask, pool.nowMs)).toBeLessThanOrEqual(decision.earliestMs);
          pool.nowMs = decision.earliestMs - 1;
          expect(reserveNow(pool.pool, ask, pool.nowMs, Math.random)).toBeNull();
          expect(pool.select(ask).kind).toBe('refused');
          expect(pool.pass(1).select(ask).kind).toBe('selected');
        }
      }),
    );
  });
});

describe('whatever happens to a pool', () => {
  const outcomes = fc.oneof(
    fc.constant(succeeded),
    fc.constant(aborted),
    fc
      .tuple(
        fc.constantFrom(...failureClasses),
        fc.option(fc.nat(90_000), { nil: null }),
        fc.constantFrom('account' as const, 'model_on_account' as const, 'provider' as const),
      )
      .map(([kind, retryAfterMs, scope]) => failedBy(aFailure(kind, { retryAfterMs, scope }))),
  );
  const step = fc.record({ gapMs: fc.nat(4_000), outcome: outcomes, endsFirst: fc.boolean() });

  it('the instant it names is right', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 80 }), fc.integer({ min: 1, max: 5 }), (steps, accounts) => {
        const pool = new PoolInTime(
          Array.from({ length: accounts }, (_, at) =>
            anAccount(`a${at}`, { limits: { rpm: 5 + at, tpm: 900 } }),
          ),
        );
        const open: [Reservation, Outcome][] = [];
        for (const { gapMs, outcome, endsFirst } of steps) {
          const ended = endsFirst ? open.shift() : open.pop();
          if (ended !== undefined && open.length > 2) pool.settle(...ended);
          else if (ended !== undefined) open.push(ended);
          const decision = pool.pass(gapMs).select();
          if (decision.kind === 'selected') {
            open.push([decision.reservation, outcome]);
          } else if (decision.earliestMs !== null) {
            pool.nowMs = decision.earliestMs - 1;
            expect(pool.select().kind).toBe('refused');
            open.push([pool.pass(1).reserve(), outcome]);
          }
        }
        for (const [reservation, outcome] of open) pool.settle(reservation, outcome);
        expect(pool.pool.accounts.every(({ inFlight }) => inFlight === 0)).toBe(true);
      }),
      { numRuns: 300 },
    );
  });
});
