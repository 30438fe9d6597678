import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { asId } from '#kernel';
import { PoolInTime, aFailure, anAccount, anAsk, failedBy, seeded } from '../test-support/a-pool.js';
import { anyHistory, play } from '../test-support/any-history.fixture.js';
import type { AccountPool } from './account-pool.js';
import type { Ask } from './ask.js';
import { admissibleFromMs } from './eligibility.js';
import { explainSelection } from './explain-selection.js';
import { passes } from './passing-reasons.js';
import { entropy } from './scheduling/entropy.js';
import { mayComeToServe, selectAccount } from './select-account.js';
import type { Refused } from './select-account.js';

/** The soonest instant at which an account admits an ask, found by asking every account. */
function soonestMs(pool: AccountPool, ask: Ask, nowMs: number): number {
  return Math.min(...pool.accounts.map((account) => admissibleFromMs(account, ask, nowMs)));
}

/** Checks each refusal of any history. */
function everyRefusal(check: (refused: Refused, pool: AccountPool, ask: Ask, nowMs: number) => void): void {
  fc.assert(
    fc.property(...anyHistory, (accounts, steps) => {
      play(accounts, steps, entropy, (picked, _expected, { pool, nowMs }, ask) => {
        if (picked !== null) return;
        const decision = selectAccount(pool, ask, nowMs, seeded(1));
        if (decision.kind === 'selected') throw new Error('admits what it has just refused');
        check(decision, pool, ask, nowMs);
      });
    }),
    { numRuns: 300 },
  );
}

describe('a refusal', () => {
  it('names the soonest instant of all accounts, of those tried already when no other ever admits', () => {
    everyRefusal(({ earliestMs }, pool, ask, nowMs) => {
      const untried = soonestMs(pool, ask, nowMs);
      const soonest = untried < Infinity ? untried : soonestMs(pool, { ...ask, exclude: new Set() }, nowMs);
      expect(earliestMs ?? Infinity).toBe(soonest < Infinity ? Math.max(nowMs, soonest) : Infinity);
    });
  });

  it('gives of each account the reason that explains it, and none before that reason ends', () => {
    everyRefusal(({ refusals, earliestMs }, pool, ask, nowMs) => {
      const explained = explainSelection(pool, ask, nowMs).map(({ accountId, reason, untilMs }) => ({
        accountId,
        reason,
        untilMs,
      }));
      expect([...refusals]).toEqual(explained);
      expect(explained.map(({ accountId }) => refusals.of(accountId))).toEqual(explained);
      const ends = explained.map(({ untilMs }) => untilMs ?? Infinity);
      if (ask.exclude.size === 0) expect(earliestMs ?? Infinity).toBeGreaterThanOrEqual(Math.min(...ends));
    });
  });

  it('says that waiting helps just when a reason passes at an account that serves the model', () => {
    everyRefusal(({ waitingHelps }, pool, ask, nowMs) => {
      const serving = explainSelection(pool, ask, nowMs).filter(
        ({ accountId }) => pool.account(accountId)?.servesModel(ask.model) === true,
      );
      const passing = serving.filter(({ reason }) => reason !== null && passes(reason));
      expect(waitingHelps).toBe(passing.length > 0);
      const untried = passing.filter(({ accountId }) => !ask.exclude.has(accountId));
      expect(mayComeToServe(pool, ask, nowMs, seeded(1))).toBe(untried.length > 0);
    });
  });

  it('names the return of an account that the call has tried when there is no other', () => {
    const pool = new PoolInTime([anAccount('a'), anAccount('off', { human: { kind: 'disabled' } })]);
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 7_000 })));
    expect(pool.select(anAsk({ exclude: ['a'] }))).toMatchObject({
      earliestMs: pool.nowMs + 7_000,
      waitingHelps: true,
    });
    expect(mayComeToServe(pool.pool, anAsk({ exclude: ['a'] }), pool.nowMs, seeded(1))).toBe(false);
  });

  it('says that waiting helps once a pause is over, though the account cools for longer', () => {
    const startMs = new PoolInTime([]).nowMs;
    const human = { kind: 'paused', untilMs: startMs + 1 } as const;
    const pool = new PoolInTime([anAccount('a', { human })]);
    const rest = { kind: 'cooling', untilMs: startMs + 60_000, rule: 'test' } as const;
    pool.pool.account(asId('a'))?.standing.takeOut(rest, startMs);
    expect(pool.select()).toMatchObject({ earliestMs: rest.untilMs, waitingHelps: false });
    pool.pass(1);
    expect(pool.select()).toMatchObject({ earliestMs: rest.untilMs, waitingHelps: true });
  });

  it('prints without the pool it is of', () => {
    const pool = new PoolInTime([anAccount('a', { human: { kind: 'disabled' } })]);
    expect(JSON.parse(JSON.stringify(pool.select()))).toEqual({
      kind: 'refused',
      refusals: {},
      earliestMs: null,
      waitingHelps: false,
    });
  });
});
