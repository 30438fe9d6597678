import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import { PoolInTime, anAccount, anAsk } from '../../test-support/a-pool.js';
import type { AccountSpec } from '../account.js';
import type { AccountPool } from '../account-pool.js';
import { mayComeToServe, nextChanceMs, reserveNow, selectAccount } from '../select-account.js';

/** Counts from now on how often accounts of a pool are asked whether they admit a call. */
function looksAt(pool: AccountPool): { count: number } {
  const looks = { count: 0 };
  for (const { standing } of pool.accounts) {
    const admitsFromMs = standing.admitsFromMs.bind(standing);
    standing.admitsFromMs = (nowMs) => ((looks.count += 1), admitsFromMs(nowMs));
  }
  return looks;
}

const accounts = (count: number, rest: Partial<AccountSpec> = {}): AccountSpec[] =>
  Array.from({ length: count }, (_, at) => ({ ...anAccount(`a${at}`), ...rest }));

/** Takes all but the first accounts out for very long. */
function letRest({ pool }: PoolInTime, butTheFirst: number): void {
  for (const { standing } of pool.accounts.slice(butTheFirst)) {
    standing.takeOut({ kind: 'cooling', untilMs: 1e15, rule: 'test' }, 0);
  }
}

describe('a pick', () => {
  it.each([90, 9_990])('looks at one or two accounts, however many rest: %i', (resting) => {
    const inTime = new PoolInTime(accounts(10 + resting));
    const { pool } = inTime;
    letRest(inTime, 10);
    for (let pick = 0; pick < 10_000; pick += 1) reserveNow(pool, anAsk(), 0, Math.random);
    const looks = looksAt(pool);
    for (let pick = 0; pick < 500; pick += 1) {
      expect(reserveNow(pool, anAsk(), 0, Math.random)).not.toBeNull();
    }
    expect(looks.count / 500).toBeGreaterThanOrEqual(1);
    expect(looks.count / 500).toBeLessThan(3);
  });
});

describe('a call that may go to one account alone', () => {
  it.each([100, 10_000])('looks at no other of %i, be it served or refused', (count) => {
    const { pool, nowMs } = new PoolInTime(accounts(count));
    const only = asId<'Account'>(`a${count - 1}`);
    const bound = { ...anAsk(), exclude: { size: Infinity, has: (id: string) => id !== only, only } };
    reserveNow(pool, anAsk(), nowMs, Math.random);
    const looks = looksAt(pool);
    expect(reserveNow(pool, bound, nowMs, Math.random)?.accountId).toBe(only);
    pool.account(only)?.standing.takeOut({ kind: 'cooling', untilMs: nowMs + 5_000, rule: 'test' }, nowMs);
    expect(selectAccount(pool, bound, nowMs, Math.random)).toMatchObject({
      kind: 'refused',
      earliestMs: nowMs + 5_000,
      waitingHelps: true,
    });
    expect(nextChanceMs(pool, bound, nowMs)).toBe(nowMs + 5_000);
    expect(mayComeToServe(pool, bound, nowMs, Math.random)).toBe(true);
    expect(looks.count).toBeLessThan(10);
  });
});

describe('a refusal', () => {
  /** Looks of one refusal, once a pool has refused before. */
  function looksPerRefusal({ pool, nowMs }: PoolInTime): number {
    const refuse = () => selectAccount(pool, anAsk(), nowMs, Math.random);
    expect(refuse()).toMatchObject({ kind: 'refused', waitingHelps: true });
    const looks = looksAt(pool);
    for (let refusal = 0; refusal < 100; refusal += 1) expect(refuse().kind).toBe('refused');
    return looks.count / 100;
  }

  it.each([100, 10_000])('looks at one or two accounts when all of %i rest', (count) => {
    const pool = new PoolInTime(accounts(count));
    letRest(pool, 0);
    expect(looksPerRefusal(pool)).toBeLessThan(3);
  });

  it.each([100, 10_000])('looks at one or two accounts when all of %i are full', (count) => {
    const pool = new PoolInTime(accounts(count, { limits: anAccount('a', { limits: { rpm: 1 } }).limits }));
    for (let call = 0; call < count; call += 1) pool.reserve();
    expect(looksPerRefusal(pool)).toBeLessThan(3);
  });

  it.each([100, 10_000])('looks at no account when a person must act on each of %i', (count) => {
    const { pool, nowMs } = new PoolInTime(accounts(count, { human: { kind: 'paused', untilMs: 1e15 } }));
    const refuse = () => selectAccount(pool, anAsk(), nowMs, Math.random);
    expect(refuse()).toMatchObject({ kind: 'refused', waitingHelps: false, earliestMs: 1e15 });
    const looks = looksAt(pool);
    for (let refusal = 0; refusal < 100; refusal += 1) expect(refuse().kind).toBe('refused');
    expect(looks.count / 100).toBeLessThan(3);
  });

  it.each([100, 10_000])(
    'looks at one account when the last of %i have no slot and the others no key',
    (count) => {
      const { limits } = anAccount('a', { limits: { maxConcurrency: 1 } });
      const pool = new PoolInTime(accounts(count, { limits }));
      for (let call = 0; call < count; call += 1) pool.reserve();
      for (const { standing } of pool.pool.accounts.slice(0, -10)) {
        standing.takeOut({ kind: 'auth_failed', rule: 'test' }, pool.nowMs);
      }
      expect(looksPerRefusal(pool)).toBeLessThan(3);
    },
  );
});

describe('the search for the account that is ready first', () => {
  it('looks at a few hundred of 10,000 full accounts at most', () => {
    const inTime = new PoolInTime(
      accounts(10_000, { limits: anAccount('a', { limits: { rpm: 1 } }).limits }),
    );
    for (let call = 0; call < 10_000; call += 1) inTime.pass(1).reserve();
    const { pool, nowMs } = inTime;
    expect(reserveNow(pool, anAsk(), nowMs, Math.random)).toBeNull();
    const looks = looksAt(pool);
    for (let search = 0; search < 100; search += 1) pool.lanes.readyFirst(anAsk(), nowMs, Math.random);
    expect(looks.count / 100).toBeLessThan(400);
  });
});
