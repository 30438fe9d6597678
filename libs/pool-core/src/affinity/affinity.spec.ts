import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { PoolInTime, aborted, anAccount, anAsk, seeded } from '../../test-support/a-pool.js';
import { explainSelection } from '../explain-selection.js';
import type { Reservation } from '../reservation.js';
import { awaitedAccount, preferredAccount } from './affinity.js';
import { RecentLoad } from './recent-load.js';
import { WarmPlaces } from './warm-places.js';

const minuteMs = 60_000;
const chat = (affinity: string, more = {}) => anAsk({ affinity, ...more });
const fourAccounts = ['a', 'b', 'c', 'd'].map((id) => anAccount(id));

/** Serves one call to its end. @returns the account */
function serve(pool: PoolInTime, ask = anAsk()): string {
  const reservation = pool.reserve(ask);
  pool.settle(reservation);
  return reservation.accountId;
}

/** Two busy accounts; the one that has conversation `x` warm is used up for a second, the other is not quite. */
function poolWithFullHome(): { pool: PoolInTime; home: string; elsewhere: string } {
  const pool = new PoolInTime(['a', 'b'].map((id) => anAccount(id, { limits: { rpm: 60 } })));
  const home = serve(pool, chat('x'));
  const elsewhere = home === 'a' ? 'b' : 'a';
  for (let call = 0; call < 58; call += 1) serve(pool, anAsk({ exclude: [elsewhere] }));
  for (let call = 0; call < 56; call += 1) serve(pool, anAsk({ exclude: [home] }));
  return { pool, home, elsewhere };
}

describe('affinity', () => {
  it('keeps each conversation on its account, and spreads the conversations', () => {
    const pool = new PoolInTime(fourAccounts);
    const keys = Array.from({ length: 40 }, (_, at) => `conversation ${at}`);
    const homes = keys.map((key) => serve(pool, chat(key)));
    expect(new Set(homes).size).toBe(4);
    for (let turn = 0; turn < 5; turn += 1) {
      pool.pass(4 * minuteMs);
      expect(keys.map((key) => serve(pool, chat(key)))).toEqual(homes);
    }
  });

  it('forgets a conversation when the cache of the provider has', () => {
    const pool = new PoolInTime(fourAccounts, { promptCacheMs: minuteMs });
    serve(pool, chat('x'));
    const shares = () => explainSelection(pool.pool, chat('x'), pool.nowMs).map(({ share }) => share);
    expect(Math.max(...shares())).toBe(1);
    pool.pass(minuteMs + 1);
    expect(shares()).toEqual([0.25, 0.25, 0.25, 0.25]);
  });

  it('moves a conversation whose account cannot admit it, and stays there', () => {
    const pool = new PoolInTime(['a', 'b'].map((id) => anAccount(id, { limits: { maxConcurrency: 1 } })));
    const first = pool.reserve(chat('x'));
    const second = pool.reserve(chat('x'));
    expect(second.accountId).not.toBe(first.accountId);
    pool.settle(first);
    pool.settle(second);
    expect(serve(pool, chat('x'))).toBe(second.accountId);
  });

  it('waits for the account of its conversation while it is patient, and only when that is about to be ready', () => {
    const { pool, home, elsewhere } = poolWithFullHome();
    const patient = chat('x', { patientUntilMs: pool.nowMs + 1_500 });
    expect(pool.select(patient)).toMatchObject({ kind: 'refused' });
    expect(awaitedAccount(pool.pool, patient, pool.nowMs)).toMatchObject({ account: { id: home } });
    expect(pool.reserve(chat('x', { patientUntilMs: pool.nowMs })).accountId).toBe(elsewhere);
  });

  it('waits no longer than it takes, and goes home', () => {
    const { pool, home } = poolWithFullHome();
    const patient = chat('x', { patientUntilMs: pool.nowMs + 1_500 });
    pool.nowMs = awaitedAccount(pool.pool, patient, pool.nowMs)?.fromMs ?? 0;
    expect(serve(pool, patient)).toBe(home);
  });

  it('does not wait for an account that time alone does not free', () => {
    const pool = new PoolInTime(['a', 'b'].map((id) => anAccount(id, { limits: { maxConcurrency: 1 } })));
    const open = pool.reserve(chat('x'));
    expect(pool.reserve(chat('x', { patientUntilMs: pool.nowMs + 1_500 })).accountId).not.toBe(
      open.accountId,
    );
  });

  it('does not go back to an account that the call has tried', () => {
    const pool = new PoolInTime(fourAccounts);
    const home = serve(pool, chat('x'));
    expect(serve(pool, chat('x', { exclude: [home] }))).not.toBe(home);
  });

  it('never lifts a call to a later tier', () => {
    const pool = new PoolInTime([
      anAccount('first', { limits: { maxConcurrency: 1 } }),
      anAccount('backup', { tier: 2 }),
      anAccount('spare', { tier: 2 }),
    ]);
    const busy = pool.reserve();
    const backup = serve(pool, chat('x'));
    expect(serve(pool, chat('x'))).toBe(backup);
    pool.settle(busy, aborted);
    expect(serve(pool, chat('x'))).toBe('first');
  });

  it('forgets an account that has left, also when another comes under its name', () => {
    const pool = new PoolInTime([anAccount('a')]);
    serve(pool, chat('x'));
    pool.pool.replaceAccounts([anAccount('b')], pool.nowMs);
    pool.pool.replaceAccounts([anAccount('a'), anAccount('b')], pool.nowMs);
    const shares = explainSelection(pool.pool, chat('x'), pool.nowMs).map(({ share }) => share);
    expect(shares).toEqual([0.5, 0.5]);
  });

  it('leaves one busy conversation alone', () => {
    const pool = new PoolInTime(fourAccounts);
    const homes = new Set(Array.from({ length: 500 }, () => serve(pool.pass(100), chat('x'))));
    expect(homes.size).toBe(1);
  });

  it('leaves one heavy conversation alone in a pool that has room', () => {
    const pool = new PoolInTime(['a', 'b', 'c', 'd'].map((id) => anAccount(id, { limits: { tpm: 60_000 } })));
    const homes = Array.from({ length: 100 }, () =>
      serve(pool.pass(20_000), chat('x', { inputTokens: 15_000, outputTokens: 0 })),
    );
    expect(new Set(homes).size).toBe(1);
  });

  it('keeps busy accounts even, to 5 s of their limits and three calls each way, whatever share one conversation takes', () => {
    const pool = new PoolInTime(['a', 'b'].map((id) => anAccount(id, { limits: { tpm: 60_000 } })));
    const tokens = new Map<string, number>([
      ['a', 0],
      ['b', 0],
    ]);
    const gaps: number[] = [];
    let moves = 0;
    let home = '';
    // Four fifths of both limits; three of five calls belong to one conversation, nearly all that one account could serve.
    for (let call = 0; call < 2_000; call += 1) {
      const isHeavy = call % 5 < 3;
      const ask = chat(isHeavy ? 'heavy' : `other ${call}`, { inputTokens: 1_000, outputTokens: 0 });
      const account = serve(pool.pass(625), ask);
      tokens.set(account, (tokens.get(account) ?? 0) + 1_000);
      if (isHeavy && account !== home) moves += 1;
      if (isHeavy) home = account;
      const [a = 0, b = 0] = tokens.values();
      gaps.push(Math.abs(a - b));
    }
    // Before both are busy, nothing moves.
    const busy = gaps.slice(1_400);
    expect(Math.max(...busy) - Math.min(...busy)).toBeLessThanOrEqual(16_000);
    expect(moves).toBeLessThan(60);
  });

  it('shares out a key that many calls have in common', () => {
    const weights = [1, 2, 3, 4];
    const pool = new PoolInTime(weights.map((weight) => anAccount(`a${weight}`, { weight })));
    const served = new Map<string, number>();
    const open: Reservation[] = [];
    for (let call = 0; call < 10_000; call += 1) {
      const reservation = pool.pass(20).reserve(chat('the same for all'));
      open.push(reservation);
      if (open.length > 50) pool.settle(open.shift() as Reservation);
      served.set(reservation.accountId, (served.get(reservation.accountId) ?? 0) + 1);
    }
    for (const weight of weights) {
      const ofFairShare = (served.get(`a${weight}`) ?? 0) / (weight * 1_000);
      expect(ofFairShare).toBeGreaterThan(0.75);
      expect(ofFairShare).toBeLessThan(1.3);
    }
  });

  it('is foretold: predicted shares are those of 10,000 choices, within 2 %', () => {
    const accounts = fc.array(fc.record({ weight: fc.integer({ min: 1, max: 9 }), calls: fc.nat(50) }), {
      minLength: 1,
      maxLength: 6,
    });
    fc.assert(
      fc.property(accounts, fc.nat(9), (specs, busyCalls) => {
        const pool = new PoolInTime(specs.map(({ weight }, at) => anAccount(`a${at}`, { weight })));
        const ask = chat('x');
        serve(pool, ask);
        specs.forEach(({ calls }, at) => pool.pool.accounts[at]?.recentLoad.add(calls * 15, pool.nowMs));
        for (let open = 0; open < busyCalls; open += 1) pool.reserve(ask);
        const predicted = explainSelection(pool.pool, ask, pool.nowMs);
        const random = seeded(11);
        const chosen = new Map<string | undefined, number>();
        for (let draw = 0; draw < 10_000; draw += 1) {
          const id = preferredAccount(pool.pool, ask, pool.nowMs, random)?.id;
          chosen.set(id, (chosen.get(id) ?? 0) + 1);
        }
        for (const { accountId, share } of predicted) {
          expect(Math.abs((chosen.get(accountId) ?? 0) / 10_000 - share)).toBeLessThan(0.02);
        }
      }),
      { numRuns: 20 },
    );
  });
});

describe('WarmPlaces', () => {
  const holders = Array.from({ length: 7 }, (_, at) => ({ at }));

  it('remembers 100,000 keys, nine of ten of them', () => {
    const places = new WarmPlaces<{ at: number }>(minuteMs);
    const keys = Array.from({ length: 100_000 }, (_, at) => `key-${at}`);
    keys.forEach((key, at) => places.note(key, holders[at % 7] as { at: number }, at / 10));
    const found = keys.filter((key, at) => places.holderOf(key, 10_000)?.at === at % 7);
    expect(found.length).toBeGreaterThan(90_000);
  });

  it('never takes one key for another', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.string(), { minLength: 2, maxLength: 50 }), ([unknown, ...keys]) => {
        const places = new WarmPlaces<{ at: number }>(minuteMs);
        keys.forEach((key) => places.note(key, { at: 0 }, 0));
        expect(places.holderOf(unknown as string, 0)).toBeNull();
      }),
      { numRuns: 20 },
    );
  });

  it('forgets what was not used for longest first', () => {
    const places = new WarmPlaces<{ at: number }>(Infinity);
    const [holder] = holders as [{ at: number }];
    for (let at = 0; at < 300_000; at += 1) {
      places.note(`key-${at}`, holder, at);
      places.note('kept', holder, at);
    }
    expect(places.holderOf('kept', 300_000)).toBe(holder);
    expect(places.holderOf('key-0', 300_000)).toBeNull();
    expect(places.holderOf('key-299999', 300_000)).toBe(holder);
  });
});

describe('RecentLoad', () => {
  it('halves in five minutes and ignores a clock that goes back', () => {
    const load = new RecentLoad();
    load.add(1_000, 600_000);
    expect(load.at(900_000)).toBe(500);
    expect(load.at(0)).toBe(1_000);
    load.add(1, 0);
    expect(load.at(900_000)).toBeCloseTo(500.5);
  });
});
