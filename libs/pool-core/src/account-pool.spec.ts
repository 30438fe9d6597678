import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PoolInTime, aFailure, anAccount, anAsk, failedBy, idOf, reasonsOf } from '../test-support/a-pool.js';
import type { MachineState } from './account.js';
import { AccountPool } from './account-pool.js';
import { Standing } from './circuit-breaker/standing.js';
import { benchAccount, clearMachineState, recordProbe } from './interventions.js';
import { pickSpread } from './pick-spread.js';
import { dumpState, dumpStates, restoreStates } from './saved-states.js';

const { outage } = new AccountPool().options;

describe('AccountPool', () => {
  it.each([
    ['safetyMargin is 0.6, must be in [0, 0.5]', { safetyMargin: 0.6 }],
    ['coolDown.baseMs is 0, must be > 0', { coolDown: { baseMs: 0, maxMs: 1 } }],
    ['coolDown.maxMs is 1, must be in [2, 9007199254740991]', { coolDown: { baseMs: 2, maxMs: 1 } }],
    ['outage.accounts is 1, must be in [2, 9007199254740991]', { outage: { ...outage, accounts: 1 } }],
    ['outage.calls is 2, must be in [3, 1000]', { outage: { ...outage, calls: 2 } }],
    ['outage.withinMs is 0, must be > 0', { outage: { ...outage, withinMs: 0 } }],
    ['outage.probeEveryMs is 0, must be > 0', { outage: { ...outage, probeEveryMs: 0 } }],
    [
      'outage.longestProbeMs is 1, must be in [2000, 9007199254740991]',
      { outage: { ...outage, longestProbeMs: 1 } },
    ],
    ['quotaRestMs is NaN, must be > 0', { quotaRestMs: NaN }],
  ])('refuses a bad option: %s', (message, options) => {
    expect(() => new AccountPool(options)).toThrow(new RangeError(message));
  });

  it.each([
    ['weight of a is 0, must be > 0', anAccount('a', { weight: 0 })],
    ['tier of a is 0, must be >= 1', anAccount('a', { tier: 0 })],
    ['rpm of a is -1, must be > 0', anAccount('a', { limits: { rpm: -1 } })],
  ])('refuses a bad account and stays as it was: %s', (message, spec) => {
    const pool = new PoolInTime([anAccount('b')]);
    expect(() => pool.pool.replaceAccounts([spec], 0)).toThrow(new RangeError(message));
    expect(pool.reserve().accountId).toBe('b');
  });

  it('keeps windows, state and calls under way of accounts that stay', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { rpm: 10, maxConcurrency: 9 } }), anAccount('b')]);
    const ask = anAsk({ exclude: ['b'] });
    const open = pool.reserve(ask);
    pool.call(failedBy(aFailure('authentication')), ask);
    pool.pool.replaceAccounts([anAccount('a', { limits: { rpm: 5 } })], pool.nowMs);
    const account = pool.pool.account(idOf('a'));
    expect(account?.inFlight).toBe(1);
    expect(account?.windows.limited[0]?.levelAt(pool.nowMs)).toBeCloseTo(3, 2);
    expect(pool.machine('a')).toBe('auth_failed');
    pool.settle(open);
    expect(account?.inFlight).toBe(0);
  });

  it('a person who switches an account off wins over everything', () => {
    const pool = new PoolInTime([anAccount('a')]);
    pool.pool.replaceAccounts([anAccount('a', { human: { kind: 'disabled' } })], pool.nowMs);
    recordProbe(pool.pool, idOf('a'), { ok: true }, pool.nowMs, () => 0);
    clearMachineState(pool.pool, idOf('a'), pool.nowMs);
    expect(pool.reason()).toBe('disabled');
  });

  it('is empty and says so', () => {
    const decision = new PoolInTime([]).select();
    expect(decision).toMatchObject({ kind: 'refused', earliestMs: null, waitingHelps: false });
    expect(reasonsOf(decision)).toEqual([]);
  });
});

describe('pickSpread', () => {
  it('is 1 when calls follow the weights, 0 when one account takes them all', () => {
    const even = new PoolInTime([anAccount('a', { weight: 3 }), anAccount('b')]);
    expect(pickSpread(even.pool, even.nowMs)).toEqual({ picks: 0, entropyRatio: null });
    for (let call = 0; call < 1_500; call += 1) even.call();
    expect(pickSpread(even.pool, even.nowMs).picks).toBe(1_000);
    expect(pickSpread(even.pool, even.nowMs).entropyRatio).toBeCloseTo(1, 2);
    const uneven = new PoolInTime([anAccount('a'), anAccount('b')]);
    for (let call = 0; call < 10; call += 1) uneven.call(undefined, anAsk({ exclude: ['b'] }));
    expect(pickSpread(uneven.pool, uneven.nowMs)).toEqual({ picks: 10, entropyRatio: 0 });
  });
});

describe('interventions', () => {
  it('a bench rests an account for as long as it says and never shortens a rest', () => {
    const pool = new PoolInTime([anAccount('a')]);
    expect(benchAccount(pool.pool, idOf('a'), 5_000, 'manual', pool.nowMs)).toMatchObject([
      { rule: 'manual' },
    ]);
    expect(benchAccount(pool.pool, idOf('a'), 1_000, 'manual', pool.nowMs)).toEqual([]);
    expect(pool.select()).toMatchObject({ earliestMs: pool.nowMs + 5_000 });
  });

  it.each(['authentication', 'quota_exhausted', 'rate_limited'] as const)(
    'a passed test ends a rest for %s as half-open, a failed one takes the account out again',
    (failureClass) => {
      const pool = new PoolInTime([anAccount('a')]);
      pool.call(failedBy(aFailure(failureClass)));
      const out = pool.machine('a');
      recordProbe(pool.pool, idOf('a'), { ok: true }, pool.nowMs, () => 0.5);
      expect(pool.machine('a')).toBe('half_open');
      const failure = aFailure(failureClass);
      expect(recordProbe(pool.pool, idOf('a'), { ok: false, failure }, pool.nowMs, () => 0.5)).toMatchObject([
        { from: { kind: 'half_open' }, to: { kind: out } },
      ]);
    },
  );

  it('a passed test of a healthy account changes nothing', () => {
    const pool = new PoolInTime([anAccount('a')]);
    expect(recordProbe(pool.pool, idOf('a'), { ok: true }, 0, () => 0)).toEqual([]);
    expect(recordProbe(pool.pool, idOf('gone'), { ok: true }, 0, () => 0)).toEqual([]);
  });

  it('clearing forgives the account and its models', () => {
    const pool = new PoolInTime([anAccount('a')]);
    pool.call(failedBy(aFailure('model_unavailable')));
    pool.call(failedBy(aFailure('authentication')), anAsk({ model: 'model-b' }));
    const cleared = clearMachineState(pool.pool, idOf('a'), pool.nowMs);
    expect(cleared.map(({ model, to }) => [model, to.kind])).toEqual([
      [null, 'closed'],
      ['model-a', 'closed'],
    ]);
    expect(pool.reason()).toBeNull();
  });
});

describe('saved states', () => {
  it('survive a restart as JSON', () => {
    const before = new PoolInTime([anAccount('a'), anAccount('gone')]);
    before.call(failedBy(aFailure('model_unavailable')), anAsk({ exclude: ['gone'] }));
    before.call(failedBy(aFailure('rate_limited')), anAsk({ model: 'model-b', exclude: ['gone'] }));
    const saved = JSON.parse(JSON.stringify(dumpStates(before.pool, before.nowMs)));
    const after = new PoolInTime([anAccount('a'), anAccount('new')]);
    restoreStates(after.pool, [...saved, { ...saved[0], accountId: 'gone' }], before.nowMs);
    expect(dumpStates(after.pool, before.nowMs)).toEqual(saved);
    expect(after.machine('a')).toBe('cooling');
    expect(after.pass(3_000).machine('a')).toBe('half_open');
  });

  it('of one account are what to save after a transition', () => {
    const pool = new PoolInTime([anAccount('a')]);
    pool.call(failedBy(aFailure('rate_limited')));
    expect(dumpState(pool.pool, idOf('a'), null, pool.nowMs)).toMatchObject({
      state: { kind: 'cooling' },
      coolDowns: 1,
    });
    expect(dumpState(pool.pool, idOf('a'), 'model-a', pool.nowMs)).toMatchObject({
      state: { kind: 'closed' },
    });
  });
});

describe('Standing', () => {
  const anyRest = fc.oneof(
    fc.record({ kind: fc.constant('cooling' as const), untilMs: fc.nat(1_000_000), rule: fc.constant('r') }),
    fc.record({ kind: fc.constant('open' as const), untilMs: fc.nat(1_000_000), rule: fc.constant('r') }),
    fc.record({
      kind: fc.constant('out_of_quota' as const),
      untilMs: fc.nat(1_000_000),
      rule: fc.constant('r'),
    }),
    fc.constant<MachineState>({ kind: 'auth_failed', rule: 'r' }),
  );

  it('no later rest ever brings an account back sooner', () => {
    const steps = fc.array(fc.tuple(anyRest, fc.nat(50_000)), { maxLength: 30 });
    fc.assert(
      fc.property(steps, (rests) => {
        const standing = new Standing();
        let nowMs = 0;
        for (const [rest, gapMs] of rests) {
          nowMs += gapMs;
          const before = standing.admitsFromMs(nowMs);
          standing.takeOut(rest, nowMs);
          expect(standing.admitsFromMs(nowMs)).toBeGreaterThanOrEqual(before);
        }
      }),
    );
  });
});
