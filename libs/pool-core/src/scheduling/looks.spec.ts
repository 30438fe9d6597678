import { describe, expect, it } from '@jest/globals';
import { asId } from '#kernel';
import { PoolInTime, anAccount, anAsk, noLimits } from '../../test-support/a-pool.js';
import type { AccountLimits, AccountSpec } from '../account.js';
import type { AccountPool } from '../account-pool.js';
import type { Ask } from '../ask.js';
import { admissibleFromMs } from '../eligibility.js';
import { FairQueue } from '../fair-queue/fair-queue.js';
import { placementIn } from '../fair-queue/placement.js';
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

  it.each([
    ['while it waits beside others', 70_000, []],
    ['when it cannot wait long enough', 2_000, [{ retryAtMs: 1_060_000 }]],
  ])('looks at next to no other of 10,000 %s', (_, patienceMs, refused) => {
    const { pool, nowMs } = new PoolInTime(accounts(10_000, { limits: { ...noLimits, rpm: 1 } }));
    while (reserveNow(pool, anAsk(), nowMs, Math.random) !== null);
    const queue = new FairQueue(placementIn(pool, Math.random), { maxWaitMs: 70_000 });
    queue.enter({ callerId: 'first', callerWeight: 1, deadlineMs: Infinity, ask: anAsk() }, nowMs);
    queue.pump(nowMs);
    const only = asId<'Account'>('a9999');
    const ask = { ...anAsk(), exclude: { size: Infinity, has: (id: string) => id !== only, only } };
    const looks = looksAt(pool);
    queue.enter({ callerId: 'bound', callerWeight: 1, deadlineMs: nowMs + patienceMs, ask }, nowMs);
    expect(queue.pump(nowMs)).toMatchObject({ granted: [], refused });
    // Of a pool as large as that, 32 accounts say how much is left.
    expect(looks.count).toBeLessThan(50);
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
  /** 10,000 accounts that usual asks have filled, six a millisecond. */
  function full(limits: Partial<AccountLimits>): PoolInTime {
    const inTime = new PoolInTime(accounts(10_000, { limits: anAccount('a', { limits }).limits }));
    for (let calls = 1; reserveNow(inTime.pool, anAsk(), inTime.nowMs, Math.random) !== null; calls += 1) {
      if (calls % 6 === 0) inTime.pass(1);
    }
    return inTime;
  }

  /** Searches a hundred times; each finds the very first. @returns looks of one search */
  function looksPerSearch({ pool, nowMs }: PoolInTime, ask: Ask): number {
    const soonestMs = Math.min(...pool.accounts.map((one) => admissibleFromMs(one, ask, nowMs)));
    expect(soonestMs).toBeGreaterThan(nowMs);
    const looks = looksAt(pool);
    for (let search = 0; search < 100; search += 1)
      expect(pool.lanes.readyFirst(ask, nowMs, Math.random).fromMs).toBe(soonestMs);
    return looks.count / 100;
  }

  it('finds it among 10,000 full accounts with one or two looks while asks are alike', () => {
    expect(looksPerSearch(full({ rpm: 6 }), anAsk())).toBeLessThan(3);
  });

  it.each([6, 40])(
    'looks at a few hundred of 10,000 full accounts at most: %i tokens after many of 10',
    (tokens) => {
      expect(looksPerSearch(full({ tpm: 96 }), anAsk({ inputTokens: tokens }))).toBeLessThan(400);
    },
  );
});
