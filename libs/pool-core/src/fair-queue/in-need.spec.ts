import { describe, expect, it } from '@jest/globals';
import { anAccount, anAsk, PoolInTime, seeded, succeeded, usage } from '../../test-support/a-pool.js';
import { FairQueue } from './fair-queue.js';
import type { Pumped } from './fair-queue.js';
import { placementIn } from './placement.js';
import type { WaitRequest } from './waiting.js';

/** 1 token per ms; 1,200 of them are the safety margin. */
const perMinute = 60_000;
const capacity = 58_800;

/** Accounts from which on room may lie in pieces. */
const many = 51;

/** A waiting room of accounts that have so many tokens left; its queue is told that there are more of them. */
class Room {
  readonly pool: PoolInTime;
  readonly queue: FairQueue;
  private readonly ids: readonly string[];

  constructor(left: Readonly<Record<string, number>>, size = many) {
    this.ids = Object.keys(left);
    this.pool = new PoolInTime(this.ids.map((id) => anAccount(id, { limits: { tpm: perMinute } })));
    this.queue = new FairQueue({ ...placementIn(this.pool.pool, seeded(3)), size });
    for (const [id, tokens] of Object.entries(left)) this.begin(id, capacity - tokens);
  }

  /** Begins a call on an account. @returns ends it, when it has used so many tokens */
  begin(id: string, tokens: number): (used: number) => void {
    const exclude = this.ids.filter((one) => one !== id);
    const decision = this.pool.select(anAsk({ inputTokens: tokens, outputTokens: 0, exclude }));
    if (decision.kind === 'refused') throw new Error(`${id} admits no ${tokens} tokens`);
    return (used) => {
      this.pool.settle(decision.reservation, { ...succeeded, tokens: usage(used, 0) });
    };
  }

  enter(tokens: number, more: Partial<WaitRequest> = {}, exclude: string[] = []): Pumped<WaitRequest> {
    const ask = anAsk({ inputTokens: tokens, outputTokens: 0, exclude });
    const request = { ask, callerId: String(tokens), callerWeight: 1, deadlineMs: Infinity, ...more };
    this.queue.enter(request, this.pool.nowMs);
    return this.queue.pump(this.pool.nowMs);
  }

  /** What becomes of the one that waits after the longest wait. */
  atTheEnd(): 'granted' | 'refused' {
    this.pool.pass(2_000);
    const { granted, refused } = this.queue.pump(this.pool.nowMs);
    expect(granted.length + refused.length).toBe(1);
    return granted.length === 1 ? 'granted' : 'refused';
  }

  get now(): Partial<WaitRequest> {
    return { deadlineMs: this.pool.nowMs };
  }
}

const accountsOf = ({ granted }: Pumped<WaitRequest>) =>
  granted.map(({ reservation }) => reservation.accountId);

describe('a call that is about to be refused', () => {
  it('has no safety margin where a limit counts whole calls: 6 per minute are 6', () => {
    const pool = new PoolInTime([anAccount('a', { limits: { rpm: 6 } })]);
    for (let call = 0; call < 6; call += 1) pool.call();
    const placement = placementIn(pool.pool, seeded(3));
    expect(placement.placeInNeed(anAsk(), pool.nowMs)).toBeNull();
  });

  it('may have it at once while room lies in pieces, larger together than what those need who wait', () => {
    const room = new Room({ a: 1_000, b: 1_000, c: 1_000, d: 1_000 });
    expect(room.enter(1_500, room.now).granted).toHaveLength(1);
  });

  it('may not in a pool of few accounts', () => {
    const room = new Room({ a: 1_000, b: 1_000, c: 1_000, d: 1_000 }, many - 1);
    expect(room.enter(1_500, room.now).refused).toHaveLength(1);
  });

  it('may not when those who wait need what is left', () => {
    const room = new Room({ a: 1_000, b: 1_000, c: 1_000, d: 1_000 });
    for (let waiting = 0; waiting < 3; waiting += 1) room.enter(2_500 + waiting);
    expect(room.enter(1_500, room.now).refused).toHaveLength(1);
  });

  it('takes an account that another one holds, if a third is ready for that in time', () => {
    const room = new Room({ a: 1_500, b: 100, c: 20_000 });
    room.enter(2_050, {}, ['c']);
    expect(accountsOf(room.enter(1_400, room.now, ['c']))).toEqual(['a']);
    expect(room.atTheEnd()).toBe('granted');
  });

  it('takes none that is held by one who would come too late elsewhere', () => {
    const room = new Room({ a: 1_500, b: 100, c: 20_000 });
    room.begin('b', 100)(400);
    room.enter(2_050, {}, ['c']);
    expect(room.enter(1_400, room.now, ['c']).refused).toHaveLength(1);
    expect(room.atTheEnd()).toBe('granted');
  });

  it('goes where the least of a margin is missing', () => {
    const room = new Room({ a: 200, b: 700, c: 400 });
    expect(accountsOf(room.enter(900, room.now))).toEqual(['b']);
  });

  it('goes to no later tier than the first that may give of its margin, nor to an account that it has tried', () => {
    const limits = { tpm: perMinute };
    const pool = new PoolInTime([
      anAccount('tried', { limits }),
      anAccount('first', { limits }),
      anAccount('second', { limits, tier: 2 }),
    ]);
    for (let call = 0; call < 3; call += 1) pool.select(anAsk({ inputTokens: capacity, outputTokens: 0 }));
    const placement = placementIn(pool.pool, seeded(3));
    const ask = anAsk({ inputTokens: 500, outputTokens: 0, exclude: ['tried'] });
    expect(placement.placeInNeed(ask, pool.nowMs)?.accountId).toBe('first');
  });
});
