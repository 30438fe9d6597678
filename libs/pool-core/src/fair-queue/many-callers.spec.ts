import { expect, it } from '@jest/globals';
import { anAccount, anAsk, PoolInTime, seeded } from '../../test-support/a-pool.js';
import type { Reservation } from '../reservation.js';
import { reserveNow } from '../select-account.js';
import { settle } from '../settle.js';
import { FairQueue } from './fair-queue.js';
import { placementIn } from './placement.js';

const succeeded = { kind: 'succeeded', tokens: null, limits: [], firstByteMs: null } as const;
const lights = 10_000;
const seconds = 20;

it('10,000 light callers are served, one and all, beside one who asks for all there is', () => {
  const random = seeded(5);
  const { pool, nowMs: startMs } = new PoolInTime([anAccount('a', { limits: { rpm: 60_000 } })]);
  const queue = new FairQueue(placementIn(pool, random));
  const served = new Map<string, number>();
  const refused = new Map<string, number>();
  const count = (of: Map<string, number>, who: string) => of.set(who, (of.get(who) ?? 0) + 1);

  function pump(nowMs: number): void {
    const pumped = queue.pump(nowMs);
    for (const { waiting, reservation } of pumped.granted) {
      settle(pool, reservation, succeeded, nowMs, random);
      count(served, waiting.request.callerId);
    }
    for (const { waiting } of pumped.refused) count(refused, waiting.request.callerId);
  }
  const enter = (callerId: string, nowMs: number) =>
    queue.enter({ ask: anAsk(), callerId, callerWeight: 1, deadlineMs: Infinity }, nowMs);

  // Others have used the pool up before.
  for (let call = 0; call < 58_800; call += 1) {
    settle(pool, reserveNow(pool, anAsk(), startMs, random) as Reservation, succeeded, startMs, random);
    queue.noteGrant({ callerId: `early ${call}`, callerWeight: 1 }, anAsk(), startMs);
  }
  for (let ms = 0; ms < seconds * 1_000; ms += 1) {
    enter('heavy', startMs + ms);
    if (ms % 2 === 0) enter(`light ${ms / 2}`, startMs + ms);
    if (ms % 4 === 3) pump(startMs + ms);
  }
  for (let ms = seconds * 1_000; queue.size > 0; ms += 1) pump(startMs + ms);
  const lightOnes = (of: Map<string, number>) => [...of.keys()].filter((name) => name.startsWith('light'));
  expect(lightOnes(refused)).toEqual([]);
  expect(lightOnes(served)).toHaveLength(lights);
  // What the others leave is not left idle.
  expect(served.get('heavy')).toBeGreaterThan(0.9 * (seconds * 1_000 - lights));
}, 60_000);

it('whom the line ahead would keep beyond the wait limit is refused at once, and told later and later times', () => {
  const random = seeded(5);
  const { pool, nowMs } = new PoolInTime([anAccount('a', { limits: { rpm: 60 } })]);
  const queue = new FairQueue(placementIn(pool, random), { maxWaitMs: 10_000 });
  for (let call = 0; call < 59; call += 1) reserveNow(pool, anAsk(), nowMs, random);
  const ends = Array.from({ length: 20 }, (_, at) => {
    queue.enter({ ask: anAsk(), callerId: `caller ${at}`, callerWeight: 1, deadlineMs: Infinity }, nowMs);
    return queue.pump(nowMs).refused.map(({ why, retryAtMs }) => [why, retryAtMs > nowMs + 10_000]);
  });
  // One call a second is served: who finds ten in line would wait eleven.
  expect(ends.slice(0, 10)).toEqual(Array.from({ length: 10 }, () => []));
  expect(ends.slice(11)).toEqual(Array.from({ length: 9 }, () => [['queue_too_long', true]]));
  expect(queue.size).toBeLessThanOrEqual(11);
});
