import { describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import {
  PoolInTime,
  aFailure,
  anAccount,
  anAsk,
  failedBy,
  idOf,
  noLimits,
  succeeded,
  reasonsOf,
} from '../test-support/a-pool.js';
import type { AccountLimits, AccountSpec } from './account.js';
import { accountStatuses } from './account-status.js';
import { explainSelection } from './explain-selection.js';
import { clearMachineState } from './interventions.js';
import { dumpStates, restoreStates } from './saved-states.js';

const groupOf = (id: string, limits: Partial<AccountLimits> = {}): AccountSpec['quotaGroup'] => ({
  id,
  limits: { ...noLimits, ...limits },
});
const member = (id: string, limits: Partial<AccountLimits> = {}, group = 'g'): AccountSpec =>
  anAccount(id, { quotaGroup: groupOf(group, limits) });
const others = (id: string): string[] => ['a', 'b', 'c', 'd'].filter((one) => one !== id);
const on = (id: string) => anAsk({ exclude: others(id) });
const reading: LimitReading = {
  unit: 'requests',
  window: 'minute',
  limit: 10,
  remaining: 2,
  resetAtMs: null,
};

describe('a quota group', () => {
  it('admits together what its limit allows, whoever asks', () => {
    const pool = new PoolInTime(['a', 'b', 'c'].map((id) => member(id, { rpm: 6 })));
    const decisions = Array.from({ length: 30 }, () => pool.select());
    expect(decisions.filter(({ kind }) => kind === 'selected')).toHaveLength(6);
    expect(reasonsOf(pool.select())).toEqual(['rpm', 'rpm', 'rpm']);
    expect(decisions.at(-1)).toMatchObject({ earliestMs: pool.nowMs + 10_000 });
  });

  it.each<Partial<AccountLimits>>([
    { rpm: 1 },
    { tpm: 20 },
    { itpm: 15 },
    { otpm: 8 },
    { rpd: 1 },
    { tpd: 20 },
    { maxConcurrency: 1 },
  ])('refuses a member for what another has used: %p', (limits) => {
    const pool = new PoolInTime([member('a', limits), member('b', limits)]);
    pool.reserve(on('a'));
    const [name] = Object.keys(limits);
    const reason = name === 'maxConcurrency' ? 'concurrency' : name;
    expect(reasonsOf(pool.select())).toEqual([reason, reason]);
  });

  it('counts besides the limits of each member', () => {
    const pool = new PoolInTime([
      anAccount('a', { quotaGroup: groupOf('g', { rpm: 10 }), limits: { rpm: 2 } }),
      member('b', { rpm: 10 }),
    ]);
    const taken = Array.from({ length: 20 }, () => pool.select()).flatMap((decision) =>
      decision.kind === 'selected' ? [decision.reservation.accountId] : [],
    );
    expect(taken).toHaveLength(10);
    expect(taken.filter((id) => id === 'a')).toHaveLength(2);
  });

  it('bounds the calls under way of all members', () => {
    const pool = new PoolInTime([member('a', { maxConcurrency: 2 }), member('b', { maxConcurrency: 2 })]);
    const first = pool.reserve();
    pool.reserve();
    expect(pool.reason()).toBe('concurrency');
    pool.settle(first);
    expect(pool.reason()).toBeNull();
  });

  it('learns its limit from the headers of any member', () => {
    const pool = new PoolInTime([member('a'), member('b')]);
    pool.call({ kind: 'succeeded', tokens: null, limits: [reading], firstByteMs: null }, on('a'));
    pool.reserve(on('b'));
    pool.reserve(on('b'));
    expect(pool.reason()).toBe('rpm');
    const [a, b] = accountStatuses(pool.pool, pool.nowMs);
    expect(a?.windows).toEqual([]);
    expect(a?.quotaGroup).toMatchObject({ id: 'g', inFlight: 2, windows: [{ name: 'rpm', capacity: 10 }] });
    expect(b?.quotaGroup).toEqual(a?.quotaGroup);
  });

  it.each([
    ['rate_limited', 'account', 'cooling'],
    ['rate_limited', 'organisation', 'cooling'],
    ['quota_exhausted', 'organisation', 'out_of_quota'],
    ['authentication', 'organisation', 'auth_failed'],
  ] as const)('rests as a whole after %s of scope %s', (failure, scope, kind) => {
    const pool = new PoolInTime([member('a'), member('b'), anAccount('c')]);
    const transitions = pool.call(failedBy(aFailure(failure, { scope })), on('a'));
    expect(transitions).toMatchObject([
      { accountId: 'a', to: { kind } },
      { accountId: 'b', to: { kind } },
    ]);
    expect(explainSelection(pool.pool, anAsk(), pool.nowMs)).toMatchObject([
      { accountId: 'a', eligible: false, reason: kind },
      { accountId: 'b', eligible: false, reason: kind },
      { accountId: 'c', eligible: true },
    ]);
    expect(accountStatuses(pool.pool, pool.nowMs).map(({ machine }) => machine.kind)).toEqual([
      kind,
      kind,
      'closed',
    ]);
  });

  it.each([
    ['quota_exhausted', 'account'],
    ['authentication', 'account'],
    ['model_unavailable', 'model_on_account'],
  ] as const)('does not answer for %s of one member', (failure, scope) => {
    const pool = new PoolInTime([member('a'), member('b')]);
    pool.call(failedBy(aFailure(failure, { scope })), on('a'));
    expect(pool.reason(on('b'))).toBeNull();
  });

  it('returns with one probe for all', () => {
    const pool = new PoolInTime([member('a'), member('b')]);
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 5_000 })), on('a'));
    const probe = pool.pass(5_000).reserve(on('b'));
    expect(pool.reason()).toBe('probing');
    expect(pool.settle(probe)).toMatchObject([
      { accountId: 'b', to: { kind: 'closed' } },
      { accountId: 'a', to: { kind: 'closed' } },
    ]);
    expect(pool.reason()).toBeNull();
  });

  it('is forgiven with any member, and comes back from a restart as held against each', () => {
    const pool = new PoolInTime([member('a'), member('b')]);
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })), on('a'));
    const saved = dumpStates(pool.pool, pool.nowMs);
    expect(saved.map(({ accountId }) => accountId)).toEqual(['a', 'b']);
    clearMachineState(pool.pool, idOf('b'), pool.nowMs);
    expect(pool.reason()).toBeNull();
    restoreStates(pool.pool, saved, pool.nowMs);
    expect(pool.reason()).toBe('cooling');
  });

  it('counts once towards a limit of the whole provider', () => {
    const pool = new PoolInTime([member('a'), member('b'), member('c'), anAccount('d')]);
    const calls = ['a', 'b', 'c'].map((id) => pool.reserve(on(id)));
    for (const call of calls) pool.settle(call, failedBy(aFailure('rate_limited', { retryAfterMs: 9_000 })));
    pool.reserve(on('d'));
    expect(pool.reason(on('d'))).toBeNull();
  });

  it('settles calls with the group they were charged to, wherever the account is by then', () => {
    const pool = new PoolInTime([member('a', { rpm: 10 }, 'old'), member('b', { rpm: 10 }, 'old')]);
    const before = pool.pool.account(idOf('a'))?.group;
    const calls = [pool.reserve(on('a')), pool.reserve(on('a'))];
    pool.pool.replaceAccounts([member('a', { rpm: 10 }, 'new'), member('b', { rpm: 10 }, 'old')], pool.nowMs);
    const after = pool.pool.account(idOf('a'))?.group;
    calls.push(pool.reserve(on('a')));
    expect([before?.inFlight, after?.inFlight]).toEqual([2, 1]);
    for (const call of calls) pool.settle(call, failedBy(aFailure('server_error')));
    expect([before?.inFlight, after?.inFlight]).toEqual([0, 0]);
    expect(before?.windows.limited.map(({ reserved }) => reserved)).toEqual([0]);
    expect(after?.windows.limited.map(({ reserved }) => reserved)).toEqual([0]);
  });

  it('keeps what it knows while its members come and go', () => {
    const pool = new PoolInTime([member('a'), member('b')]);
    pool.call({ kind: 'succeeded', tokens: null, limits: [reading], firstByteMs: null }, on('a'));
    pool.pool.replaceAccounts([member('b'), member('c')], pool.nowMs);
    pool.reserve(on('c'));
    pool.reserve(on('c'));
    expect(pool.reason(on('b'))).toBe('rpm');
    pool.pool.replaceAccounts([anAccount('b')], pool.nowMs);
    expect(pool.reason(on('b'))).toBeNull();
  });
});

describe("a storm of 429 that is the provider's", () => {
  const storm = () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd'].map((id) => anAccount(id)));
    for (const id of ['a', 'b', 'c', 'd']) {
      pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })), on(id));
    }
    return pool;
  };

  it('is blamed on no account: all may be asked again, one at a time', () => {
    const pool = storm();
    const machines = accountStatuses(pool.pool, pool.nowMs).map(({ machine }) => machine.kind);
    expect(machines).toEqual(['half_open', 'half_open', 'closed', 'closed']);
    pool.reserve();
    expect(pool.select()).toMatchObject({ earliestMs: pool.nowMs + 200 });
  });

  it('is probed once per half second after ten probes in a row were refused', () => {
    const pool = storm();
    for (let probe = 1; probe < 10; probe += 1) pool.call(failedBy(aFailure('rate_limited')));
    pool.pass(500);
    for (let probe = 0; probe < 20; probe += 1) {
      pool.call(failedBy(aFailure('rate_limited')));
      expect(pool.select()).toMatchObject({ earliestMs: pool.nowMs + 499 });
      pool.pass(499);
    }
  });

  it('is over with the first success: within half a second every account serves', () => {
    const pool = storm();
    for (let probe = 0; probe < 20; probe += 1) {
      pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })));
      pool.pass(500);
    }
    pool.call(succeeded);
    for (const id of ['a', 'b', 'c', 'd']) pool.call(succeeded, on(id));
    expect(accountStatuses(pool.pool, pool.nowMs).map(({ machine }) => machine.kind)).toEqual(
      Array.from({ length: 4 }, () => 'closed'),
    );
  });

  it('leaves no mark through calls that began in it and end after it', () => {
    const pool = storm();
    const late = pool.pass(500).reserve(on('d'));
    pool.pass(500).call(succeeded, on('a'));
    pool.pass(1).settle(late, failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })));
    expect(pool.reason(on('d'))).toBeNull();
  });

  it('is none while a call that began in between is under way for longer than the refusals took', () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd'].map((id) => anAccount(id)));
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })), on('a'));
    pool.reserve(on('d'));
    pool.pass(500);
    for (const id of ['b', 'c'])
      pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 60_000 })), on(id));
    expect(['a', 'b', 'c', 'd'].map((id) => pool.machine(id))).toEqual([
      'cooling',
      'cooling',
      'cooling',
      'closed',
    ]);
  });

  it('is not disproved by calls that began before it', () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd'].map((id) => anAccount(id)));
    const before = pool.reserve(on('d'));
    pool.pass(1_000);
    for (const id of ['a', 'b']) pool.call(failedBy(aFailure('rate_limited')), on(id));
    pool.settle(before, succeeded);
    pool.call(failedBy(aFailure('rate_limited')), on('c'));
    expect(pool.machine('a')).toBe('half_open');
  });

  it('does not hide that a daily limit of an account is used up', () => {
    const pool = storm();
    const spent = { ...reading, window: 'day', remaining: 0 } as const;
    const failure = aFailure('rate_limited', { retryAfterMs: 60_000 });
    pool.call({ kind: 'failed', failure, tokens: null, limits: [spent] }, on('d'));
    expect(pool.machine('d')).toBe('cooling');
  });
});
