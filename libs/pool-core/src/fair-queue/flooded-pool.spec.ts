import { describe, expect, it } from '@jest/globals';
import { anAccount, anAsk, PoolInTime, seeded, succeeded } from '../../test-support/a-pool.js';
import { selectAccount } from '../select-account.js';
import { settle } from '../settle.js';
import { FairQueue } from './fair-queue.js';
import { placementIn } from './placement.js';
import type { Waiting, WaitRequest } from './waiting.js';

interface Call extends WaitRequest {
  readonly isReturned: boolean;
}

/** What the pool serves in a second. */
const perSecond = 20;
/** Long enough that callers who flood the pool are promised what it serves for minutes to come. */
const aloneMs = 120_000;
const togetherMs = 40_000;

/** What became of the calls of some callers. */
class Tally {
  served = 0;
  refused = 0;
  returned = 0;
  servedOnReturn = 0;
  longestWaitMs = 0;

  noteServed({ isReturned }: Call, waitedMs: number): void {
    this.served += 1;
    this.servedOnReturn += Number(isReturned);
    this.longestWaitMs = Math.max(this.longestWaitMs, waitedMs);
  }
}

/** A pool whose callers want so much a second, and come back with what is refused when they are told to, again and again. */
class FloodedPool {
  tallies = new Map<string, Tally>();
  private readonly room = new PoolInTime([anAccount('a', { limits: { rpm: 60 * perSecond } })]);
  private readonly random = seeded(5);
  private readonly queue = new FairQueue<Call>(placementIn(this.room.pool, this.random));
  private readonly away = new Map<number, Call[]>();
  private wakeAtMs = Infinity;
  private calls = 0;

  /** The bucket is empty when the first call comes. */
  constructor() {
    for (let call = 0; call < 0.98 * 60 * perSecond; call += 1) this.room.settle(this.room.reserve());
  }

  /** @param wanted calls per second by the name of a kind, and how many callers of that kind there are */
  pass(
    ms: number,
    wanted: Readonly<Record<string, { readonly perSecond: number; readonly callers: number }>>,
  ): this {
    this.tallies = new Map(Object.keys(wanted).map((kind) => [kind, new Tally()]));
    for (let at = 0; at < ms; at += 1) {
      this.room.pass(1);
      for (const call of this.away.get(this.room.nowMs) ?? []) this.arrive({ ...call, isReturned: true });
      this.away.delete(this.room.nowMs);
      for (const [kind, { perSecond: rate, callers }] of Object.entries(wanted)) {
        if (Math.floor((at * rate) / 1_000) < Math.floor(((at + 1) * rate) / 1_000)) this.want(kind, callers);
      }
      if (this.wakeAtMs <= this.room.nowMs) this.pump();
    }
    return this;
  }

  of(kind: string): Tally {
    return this.tallies.get(kind) ?? new Tally();
  }

  private want(kind: string, callers: number): void {
    this.calls += 1;
    const callerId = `${kind} ${Math.floor(this.random() * callers)}`;
    // Each call is known again by its size.
    const ask = anAsk({ inputTokens: this.calls });
    this.arrive({ ask, callerId, callerWeight: 1, deadlineMs: Infinity, isReturned: false });
  }

  private arrive(call: Call): void {
    const { nowMs, pool } = this.room;
    this.tallyOf(call).returned += Number(call.isReturned);
    if (this.queue.size === 0) {
      const decision = selectAccount(pool, call.ask, nowMs, this.random);
      if (decision.kind === 'selected') {
        settle(pool, decision.reservation, succeeded, nowMs, this.random);
        this.queue.noteGrant(call, call.ask, nowMs);
        return this.tallyOf(call).noteServed(call, 0);
      }
    }
    this.queue.enter(call, nowMs);
    this.pump();
  }

  private pump(): void {
    const { nowMs, pool } = this.room;
    const { granted, refused, wakeAtMs } = this.queue.pump(nowMs);
    this.wakeAtMs = wakeAtMs ?? Infinity;
    for (const { waiting, reservation } of granted) {
      settle(pool, reservation, succeeded, nowMs, this.random);
      this.tallyOf(waiting.request).noteServed(waiting.request, nowMs - waiting.enteredMs);
    }
    for (const { waiting, retryAtMs } of refused) this.sendAway(waiting, retryAtMs - nowMs);
  }

  /** Told in whole seconds, as by HTTP. */
  private sendAway({ request }: Waiting<Call>, awayMs: number): void {
    this.tallyOf(request).refused += 1;
    const backMs = this.room.nowMs + 1_000 * Math.ceil(awayMs / 1_000);
    this.away.set(backMs, [...(this.away.get(backMs) ?? []), request]);
  }

  private tallyOf({ callerId }: Call): Tally {
    return this.of(callerId.split(' ')[0] ?? '');
  }
}

const flood = (callers: number) => ({ perSecond: 2 * perSecond, callers });
const light = (share: number) => ({ perSecond: share * perSecond, callers: 100 });

describe('a pool that is flooded', () => {
  it('serves a caller who is alone when it comes back as it was told to', () => {
    const { returned, servedOnReturn } = new FloodedPool().pass(aloneMs, { flood: flood(1) }).of('flood');
    expect(returned).toBeGreaterThan(500);
    expect(servedOnReturn / returned).toBeGreaterThan(0.95);
  }, 60_000);

  it.each([
    { callers: 1, share: 0.5, mostMs: 200 },
    { callers: 2, share: 0.5, mostMs: 200 },
    { callers: 3, share: 0.5, mostMs: 200 },
    { callers: 1, share: 0.9, mostMs: 1_000 },
  ])(
    '$callers alone before do not keep callers within their share waiting who want $share of it',
    ({ callers, share, mostMs }) => {
      const pool = new FloodedPool().pass(aloneMs, { flood: flood(callers) });
      pool.pass(togetherMs, { flood: flood(callers), light: light(share) });
      expect(pool.of('light').refused).toBe(0);
      expect(pool.of('light').longestWaitMs).toBeLessThan(mostMs);
      // What they leave is not left idle.
      expect(pool.of('flood').served).toBeGreaterThan(0.95 * (1 - share) * perSecond * (togetherMs / 1_000));
    },
    60_000,
  );

  it('serves many who want more than there is before one who was alone', () => {
    const pool = new FloodedPool().pass(aloneMs, { flood: flood(1) });
    pool.pass(togetherMs, { flood: flood(1), light: light(1.2) });
    expect(pool.of('light').served).toBeGreaterThan(0.95 * perSecond * (togetherMs / 1_000));
  }, 60_000);
});
