import { expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { noTokens, Secret, type LimitReading } from '#kernel';
import { AccountScheduler, type Lease, type LeaseOutcome } from '#provider-account-pool';
import { aCall, aFailure, ManualClock, reasonsOf, startPool } from './pool-process.js';

const keys = [1, 2, 3].map((at) => ({ provider: 'groq', key: new Secret(`gsk_0123456789_${at}`) }));

const readings = fc
  .record({ limit: fc.integer({ min: 200, max: 3_000 }), left: fc.nat(3_000) })
  .map(({ limit, left }): LimitReading[] => [
    { unit: 'tokens', window: 'minute', limit, remaining: Math.min(limit, left), resetAtMs: null },
  ]);
const outcomes = fc.oneof(
  fc.tuple(fc.nat(900), readings).map(([output, limits]): LeaseOutcome => {
    const tokens = { ...noTokens, input: 10, output };
    return { kind: 'succeeded', tokens, limits, firstByteMs: 1, durationMs: 1 };
  }),
  fc
    .tuple(
      fc.constantFrom('rate_limited' as const, 'server_error' as const, 'quota_exhausted' as const),
      fc.constantFrom('account' as const, 'model_on_account' as const),
      readings,
    )
    .map(([failure, scope, limits]): LeaseOutcome => {
      const why = aFailure({ class: failure, scope, retryAfterMs: 2_000 });
      return { kind: 'failed', failure: why, tokens: null, limits, durationMs: 1 };
    }),
);
const step = fc.record({
  gapMs: fc.nat(4_000),
  inputTokens: fc.integer({ min: 1, max: 400 }),
  callerId: fc.constantFrom('brief', 'verbose'),
  outcome: outcomes,
  staysOpen: fc.boolean(),
});

it('what is explained to a caller is what its call meets, whatever has happened', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 20, maxLength: 80 }), async (steps) => {
      const clock = new ManualClock();
      const staticPool = { singleKeys: [], keys, coolDownMs: 1_000 };
      const app = await startPool({ url: null, clock, pool: { staticPool } });
      const scheduler = app.get(AccountScheduler);
      const open: [Lease, LeaseOutcome][] = [];
      for (const { gapMs, inputTokens, callerId, outcome, staysOpen } of steps) {
        clock.advanceMs(gapMs);
        const call = { provider: 'groq', model: 'm', callerId };
        const { accounts, wouldAnswer } = scheduler.explain({ ...call, estimatedTokens: inputTokens });
        const decision = scheduler.acquire(aCall({ ...call, inputTokens, maxOutputTokens: null }));
        if (decision.kind === 'leased') {
          const serving = accounts.filter(({ share }) => share > 0).map(({ accountId }) => accountId);
          expect(serving).toContain(decision.lease.accountId);
          expect(wouldAnswer.status).toBe(200);
          open.push([decision.lease, outcome]);
        } else {
          expect(reasonsOf(decision)).toEqual(accounts.map(({ reason }) => reason));
          expect(wouldAnswer.status).toBe(429);
        }
        if (staysOpen) continue;
        const [lease, end] = open.shift() ?? [];
        if (end !== undefined) lease?.settle(end);
      }
      await app.close();
    }),
    { numRuns: 30 },
  );
}, 60_000);
