import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PoolInTime, anAccount, anAsk, idOf, noLimits, usage } from '../test-support/a-pool.js';
import { anyHistory, play } from '../test-support/any-history.fixture.js';
import { AccountPool } from './account-pool.js';
import type { AccountExplanation } from './explain-selection.js';
import { explainSelection } from './explain-selection.js';
import { circular } from './scheduling/circular.js';
import { entropy } from './scheduling/entropy.js';
import { leastLoaded } from './scheduling/least-loaded.js';
import { lowestCost } from './scheduling/lowest-cost.js';
import { lowestLatency } from './scheduling/lowest-latency.js';
import { weightedRoundRobin } from './scheduling/weighted-round-robin.js';
import type { Outcome } from './settle.js';

/** So that the picks themselves change nothing: no usage, no lesson. */
const gone: Outcome = { kind: 'aborted', tokens: usage(0, 0) };
const strategies = [entropy, weightedRoundRobin, circular, leastLoaded, lowestLatency, lowestCost];

describe('explainSelection', () => {
  it('says what the pick does, and changes nothing', () => {
    const pool = new AccountPool();
    pool.replaceAccounts(
      [
        anAccount('a', { weight: 3 }),
        anAccount('b'),
        anAccount('off', { human: { kind: 'disabled' } }),
        anAccount('backup', { tier: 2 }),
      ],
      0,
    );
    const before = explainSelection(pool, anAsk(), 0);
    expect(before).toEqual([
      { accountId: 'a', tier: 1, eligible: true, reason: null, untilMs: null, share: 0.75 },
      { accountId: 'b', tier: 1, eligible: true, reason: null, untilMs: null, share: 0.25 },
      { accountId: 'off', tier: 1, eligible: false, reason: 'disabled', untilMs: null, share: 0 },
      { accountId: 'backup', tier: 2, eligible: true, reason: null, untilMs: null, share: 0 },
    ]);
    expect(explainSelection(pool, anAsk(), 0)).toEqual(before);
    expect(pool.account(idOf('a'))?.inFlight).toBe(0);
  });

  it.each(strategies)('never disagrees with the pick, whatever has happened: $name', (strategy) => {
    fc.assert(
      fc.property(...anyHistory, (accounts, steps) => {
        let explained: readonly AccountExplanation[] = [];
        play(
          accounts,
          steps,
          strategy,
          (picked) => {
            const serving = explained.filter(({ share }) => share > 0).map(({ accountId }) => accountId);
            if (picked === null) expect(explained.filter(({ eligible }) => eligible)).toEqual([]);
            else expect(serving).toContain(picked.accountId);
          },
          ({ pool, nowMs }, ask) => {
            explained = explainSelection(pool, ask, nowMs);
            expect(explained.filter(({ eligible, reason }) => eligible !== (reason === null))).toEqual([]);
            expect(explained.filter(({ eligible, share }) => !eligible && share > 0)).toEqual([]);
            const total = explained.reduce((sum, { share }) => sum + share, 0);
            expect(total).toBeCloseTo(explained.some(({ eligible }) => eligible) ? 1 : 0);
          },
        );
      }),
      { numRuns: 40 },
    );
  });

  const anyone = fc.record({
    weight: fc.integer({ min: 1, max: 9 }),
    tier: fc.integer({ min: 1, max: 2 }),
    isOff: fc.boolean(),
    failures: fc.nat(3),
    tpm: fc.option(fc.integer({ min: 20_000, max: 90_000 }), { nil: null }),
  });

  it.each([entropy, weightedRoundRobin, circular])(
    'foretells the shares of the next 1,000 picks within 1 %%: $name',
    (strategy) => {
      fc.assert(
        fc.property(fc.array(anyone, { minLength: 1, maxLength: 6 }), fc.nat(40), (accounts, before) => {
          const pool = new PoolInTime(
            accounts.map(({ weight, tier, isOff, tpm }, at) =>
              anAccount(`a${at}`, {
                weight,
                tier,
                limits: { ...noLimits, tpm },
                human: { kind: isOff ? 'disabled' : 'enabled' },
              }),
            ),
            { strategy },
          );
          accounts.forEach(({ failures }, at) => {
            const { calls } = pool.pool.accounts[at] ?? { calls: null };
            for (let call = 0; call < 12; call += 1) calls?.record(call < failures, pool.nowMs);
          });
          for (let call = 0; call < before; call += 1) if (pool.reason() === null) pool.call();
          const predicted = explainSelection(pool.pool, anAsk(), pool.nowMs);
          if (!predicted.some(({ eligible }) => eligible)) return;
          const picked = new Map<string, number>();
          for (let pick = 0; pick < 1_000; pick += 1) {
            const reservation = pool.reserve();
            pool.settle(reservation, gone);
            picked.set(reservation.accountId, (picked.get(reservation.accountId) ?? 0) + 1);
          }
          for (const { accountId, share } of predicted) {
            expect(Math.abs((picked.get(accountId) ?? 0) / 1_000 - share)).toBeLessThan(0.01);
          }
        }),
        { numRuns: 40 },
      );
    },
  );
});
