import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { anAccount, anAsk, noLimits, PoolInTime, seeded, succeeded } from '../../test-support/a-pool.js';
import type { AccountSpec } from '../account.js';
import { settle } from '../settle.js';
import { FairQueue } from './fair-queue.js';
import type { Pumped } from './fair-queue.js';
import type { FairQueueOptions } from './fair-queue-options.js';
import { placementIn } from './placement.js';
import { rankOfReturned } from './waiting.js';
import type { Waiting, WaitRequest } from './waiting.js';

interface Call extends WaitRequest {
  readonly name: string;
}

/** A queue with its own clock. Time passes from wake to wake, as with a shell that arms one timer. */
class Room {
  readonly pool: PoolInTime;
  readonly queue: FairQueue<Call>;
  readonly served = new Map<string, number>();
  readonly refused = new Map<string, { readonly why: string; readonly retryAtMs: number }>();
  private readonly random = seeded(3);
  private wakeAtMs: number | null = null;

  constructor(specs: readonly AccountSpec[], options: Partial<FairQueueOptions> = {}) {
    this.pool = new PoolInTime(specs);
    this.queue = new FairQueue(placementIn(this.pool.pool, this.random), options);
  }

  get nowMs(): number {
    return this.pool.nowMs;
  }

  /** A call that waits if it must; ends at once when it is placed, so that only windows hold calls back. */
  call(name: string, { tokens = 0, ...more }: Partial<Call> & { tokens?: number } = {}): Waiting<Call> {
    const request: Call = {
      name,
      ask: anAsk({ inputTokens: tokens, outputTokens: 0 }),
      callerId: name,
      callerWeight: 1,
      deadlineMs: Infinity,
      ...more,
    };
    const waiting = this.queue.enter(request, this.nowMs);
    this.pump();
    return waiting;
  }

  pump(): Pumped<Call> {
    const pumped = this.queue.pump(this.nowMs);
    for (const { waiting, reservation } of pumped.granted) {
      settle(this.pool.pool, reservation, succeeded, this.nowMs, this.random);
      this.served.set(waiting.request.name, this.nowMs);
    }
    for (const { waiting, ...end } of pumped.refused) this.refused.set(waiting.request.name, end);
    this.wakeAtMs = pumped.wakeAtMs;
    return pumped;
  }

  pass(ms: number): this {
    const untilMs = this.nowMs + ms;
    while (this.wakeAtMs !== null && this.wakeAtMs <= untilMs) {
      this.pool.pass(Math.max(0, this.wakeAtMs - this.nowMs));
      this.pump();
    }
    this.pool.pass(untilMs - this.nowMs);
    return this;
  }
}

const perMinute = (rpm: number, id = 'a'): AccountSpec => anAccount(id, { limits: { rpm } });

describe('FairQueue', () => {
  it('places a call at once when nobody waits and an account admits it', () => {
    const room = new Room([perMinute(60)]);
    room.call('first');
    expect(room.served.has('first')).toBe(true);
    expect(room.queue.size).toBe(0);
  });

  it('wakes at the very millisecond at which the next call can be served', () => {
    const room = new Room([perMinute(40)]);
    for (let i = 0; i < 41; i += 1) room.call(`call ${i}`);
    expect(room.queue.size).toBe(1);
    const enteredMs = room.nowMs;
    room.pass(2_000);
    expect((room.served.get('call 40') ?? NaN) - enteredMs).toBe(1_500);
  });

  it('refuses at once what cannot be served in time, and names the instant at which it can', () => {
    const room = new Room([perMinute(6)]);
    for (let i = 0; i < 6; i += 1) room.call(`call ${i}`);
    room.call('late');
    expect(room.refused.get('late')).toEqual({ why: 'queue_too_long', retryAtMs: room.nowMs + 10_000 });
    room.pass(10_000).call('late');
    expect(room.served.has('late')).toBe(true);
  });

  it('never lets a call wait past its own deadline or the wait limit', () => {
    fc.assert(
      fc.property(
        fc.array(fc.record({ gapMs: fc.nat(300), tokens: fc.nat(900), patienceMs: fc.nat(4_000) }), {
          maxLength: 80,
        }),
        (calls) => {
          const room = new Room([anAccount('a', { limits: { tpm: 6_000 } })]);
          const open: Waiting<Call>[] = [];
          calls.forEach(({ gapMs, tokens, patienceMs }, at) => {
            room.pass(gapMs);
            open.push(room.call(`${at}`, { tokens, deadlineMs: room.nowMs + patienceMs }));
          });
          room.pass(10_000);
          expect(room.queue.size).toBe(0);
          for (const { request, enteredMs } of open) {
            const end = room.served.get(request.name) ?? enteredMs;
            expect(end - enteredMs).toBeLessThanOrEqual(2_000);
            expect(end).toBeLessThanOrEqual(request.deadlineMs);
            expect(room.served.has(request.name)).not.toBe(room.refused.has(request.name));
          }
        },
      ),
      { numRuns: 100 },
    );
  });

  it('lets nobody past those who wait, and serves equals in the order in which they came', () => {
    const room = new Room([perMinute(60)]);
    for (let i = 0; i < 59; i += 1) room.call(`call ${i}`);
    ['first', 'second'].forEach((name) => room.call(name));
    room.pass(2_000);
    expect(room.served.get('first')).toBeLessThan(room.served.get('second') ?? 0);
  });

  it('serves a light caller before all that a heavy one has waiting', () => {
    const room = new Room([perMinute(600)]);
    for (let i = 0; i < 612; i += 1) room.call(`heavy ${i}`, { callerId: 'heavy' });
    room.call('light');
    room.pass(2_000);
    const later = [...room.served].filter(([, atMs]) => atMs > (room.served.get('light') ?? Infinity));
    expect(later.length).toBeGreaterThan(0);
    expect(room.refused.has('light')).toBe(false);
  });

  it('shares by weight between callers who always want more', () => {
    const room = new Room([perMinute(1_200)], { usageHalfLifeMs: 5_000 });
    let [bigServed, smallServed] = [0, 0];
    for (let round = 0; round < 5_000; round += 1) {
      room.call(`big ${round}`, { callerId: 'big', callerWeight: 3 });
      room.call(`small ${round}`, { callerId: 'small' });
      room.pass(20);
      if (round < 2_500) continue;
      bigServed += Number(room.served.has(`big ${round - 110}`));
      smallServed += Number(room.served.has(`small ${round - 110}`));
    }
    expect(bigServed / smallServed).toBeGreaterThan(2);
    expect(bigServed / smallServed).toBeLessThan(4.5);
  });

  it('serves a large call among a stream of small ones', () => {
    const room = new Room([anAccount('a', { limits: { tpm: 60_000 } })]);
    room.call('filler', { tokens: 58_800 });
    room.call('large', { tokens: 1_500 });
    for (let at = 0; at < 200; at += 1) {
      room.call(`small ${at}`, { tokens: 100 });
      room.pass(10);
    }
    expect(room.served.has('large')).toBe(true);
  });

  it('holds for a large call what accounts share, not the one account alone', () => {
    const quotaGroup = { id: 'org', limits: { ...noLimits, tpm: 60_000 } };
    const room = new Room(['a', 'b', 'c'].map((id) => anAccount(id, { quotaGroup })));
    room.call('filler', { tokens: 58_800 });
    room.call('large', { tokens: 1_500 });
    for (let at = 0; at < 190; at += 1) {
      room.call(`small ${at}`, { tokens: 100 });
      room.pass(10);
    }
    const waitedMs = (room.served.get('large') ?? NaN) - (room.served.get('filler') ?? NaN);
    expect(waitedMs).toBe(1_500);
  });

  it('leaves to others what a large call waits for on an account alone, and not in its group', () => {
    const quotaGroup = { id: 'org', limits: { ...noLimits, tpm: 600_000 } };
    const room = new Room(['a', 'b'].map((id) => anAccount(id, { quotaGroup, limits: { tpm: 60_000 } })));
    for (const filler of ['one', 'two']) room.call(filler, { tokens: 58_800 });
    room.call('large', { tokens: 1_500 });
    room.pass(200).call('small', { tokens: 100 });
    expect(room.served.has('large')).toBe(false);
    expect(room.served.has('small')).toBe(true);
  });

  /** A full pool of one request per second, and callers who were refused, each told another time. */
  function refusedCallers(count: number): Room {
    const room = new Room([perMinute(60)]);
    for (let i = 0; i < 60 + count; i += 1)
      room.call(i < 60 ? `call ${i}` : `caller ${i - 60}`, { tokens: 10 });
    return room;
  }
  const toldMs = (room: Room, name: string): number => room.refused.get(name)?.retryAtMs ?? NaN;

  it('serves each of those who come back when they were told to, though newcomers want all there is', () => {
    const room = refusedCallers(20);
    const told = [...room.refused.keys()].map((name) => ({ name, atMs: toldMs(room, name) }));
    expect(told.length).toBeGreaterThan(15);
    for (let at = 0; told.length > 0; at += 1) {
      room.call(`newcomer ${at}`);
      while (told[0] !== undefined && told[0].atMs <= room.nowMs) {
        const name = told.shift()?.name ?? '';
        room.call(name, { tokens: 10 });
        room.pass(2_000);
        expect(room.served.has(name)).toBe(true);
      }
      room.pass(250);
    }
  });

  it('tells all who are refused times that add up to what the pool serves', () => {
    const room = refusedCallers(40);
    const times = [...room.refused.keys()].map((name) => toldMs(room, name) - room.nowMs);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
    // Half of them are expected back, at 65 calls in 100 seconds.
    expect(times.at(-1)).toBeGreaterThan((times.length / 2 / 0.65) * 1_000 - 3_000);
  });

  it('keeps the place of a call that comes back from other calls of its caller', () => {
    const room = refusedCallers(10);
    const [name = ''] = [...room.refused.keys()].slice(-1);
    room.pass(toldMs(room, name) - room.nowMs);
    const later = Array.from({ length: 20 }, (_, at) =>
      room.call(`more ${at}`, { callerId: name, tokens: 20 }),
    );
    expect(later.every(({ rank }) => rank > rankOfReturned)).toBe(true);
    expect(room.call(name, { tokens: 10 }).rank).toBe(rankOfReturned);
    expect(room.call(name, { tokens: 10 }).rank).toBeGreaterThan(rankOfReturned);
  });

  it('keeps no place for who comes too early or much too late', () => {
    const [early, late] = [refusedCallers(10), refusedCallers(10)];
    const [name = ''] = [...early.refused.keys()].slice(-1);
    early.pass(toldMs(early, name) - early.nowMs - 1);
    expect(early.call(name, { tokens: 10 }).rank).toBeGreaterThan(rankOfReturned);
    late.pass(2 * (toldMs(late, name) - late.nowMs) + 4_000);
    expect(late.call(name, { tokens: 10 }).rank).toBeGreaterThan(rankOfReturned);
  });

  it('gives the place of a call that leaves to those behind', () => {
    const room = new Room([perMinute(40)]);
    for (let i = 0; i < 40; i += 1) room.call(`call ${i}`);
    const gone = room.call('gone');
    room.queue.leave(gone);
    room.queue.leave(gone);
    room.call('next');
    room.pass(1_500);
    expect(room.served.has('gone')).toBe(false);
    expect(room.served.has('next')).toBe(true);
  });

  it('holds no more calls than it may, and sends those away who have had most', () => {
    const room = new Room([anAccount('a', { limits: { maxConcurrency: 1 } })], { maxEntries: 3 });
    const busy = room.pool.reserve();
    for (let i = 0; i < 5; i += 1) room.call(`heavy ${i}`, { callerId: 'heavy' });
    room.call('light');
    expect(room.queue.size).toBe(3);
    expect(room.refused.get('heavy 4')?.why).toBe('queue_full');
    room.pool.settle(busy);
    room.pump();
    room.pump();
    expect(room.served.has('light')).toBe(true);
  });

  it('serves at the next pump whoever an event has made admissible', () => {
    const room = new Room([anAccount('a', { limits: { maxConcurrency: 1 } })]);
    const busy = room.pool.reserve();
    room.call('waits');
    room.pass(100);
    expect(room.queue.size).toBe(1);
    room.pool.settle(busy);
    expect(room.pump().granted).toHaveLength(1);
  });

  it.each([{ maxWaitMs: -1 }, { maxEntries: NaN }, { usageHalfLifeMs: 0 }, { mostCallers: 0 }])(
    'refuses %p',
    (options) => {
      expect(() => new Room([], options)).toThrow(RangeError);
    },
  );
});
