import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { promiseHorizonMs, PromisedSlots } from './promised-slots.js';
import type { Promised } from './promised-slots.js';

const nowMs = 1_700_000_000_000;
const alone = { last: null, share: 0.5, soonestMs: nowMs };

describe('PromisedSlots', () => {
  it('promises no more by any instant than 65 % of what is served until then, but for one call of each caller', () => {
    fc.assert(
      fc.property(
        fc.array(fc.tuple(fc.integer({ min: 1, max: 5_000 }), fc.nat(3), fc.nat(5_000)), { maxLength: 200 }),
        (calls) => {
          const slots = new PromisedSlots();
          const last = new Map<number, Promised>();
          const given: { load: number; fromMs: number }[] = [];
          for (const [load, caller, laterMs] of calls) {
            const wish = { load, soonestMs: nowMs + laterMs, last: last.get(caller) ?? null, share: 0.5 };
            const promised = slots.book(wish, 1, nowMs);
            if (promised === null) continue;
            expect(promised.fromMs).toBeGreaterThanOrEqual(wish.last?.fromMs ?? wish.soonestMs);
            last.set(caller, promised);
            given.push({ load, fromMs: promised.fromMs });
          }
          for (const { fromMs } of given) {
            const promised = given.reduce((sum, one) => sum + (one.fromMs < fromMs ? one.load : 0), 0);
            expect(promised).toBeLessThanOrEqual(0.65 * (fromMs - nowMs + 1_000) + 4 * 5_000);
          }
        },
      ),
      { numRuns: 200 },
    );
  });

  it('leaves to others what of each second is not the share of one caller', () => {
    const slots = new PromisedSlots();
    let last: Promised | null = null;
    for (let call = 0; call < 100; call += 1)
      last = slots.book({ ...alone, last, load: 325 }, 1, nowMs) ?? last;
    expect(last?.fromMs).toBeGreaterThanOrEqual(nowMs + 99_000);
    expect(slots.book({ ...alone, load: 100 }, 1, nowMs)?.fromMs).toBe(nowMs + 500);
  });

  it('gives all of it to who is alone', () => {
    const slots = new PromisedSlots();
    let last: Promised | null = null;
    for (let call = 0; call < 100; call += 1)
      last = slots.book({ ...alone, last, load: 650, share: 1 }, 1, nowMs);
    expect(last?.fromMs).toBe(nowMs + 99_000);
  });

  it('promises nothing beyond its horizon, and goes on when time has passed', () => {
    const slots = new PromisedSlots();
    slots.book({ ...alone, share: 1, load: promiseHorizonMs }, 1, nowMs);
    expect(slots.book({ ...alone, load: 1 }, 1, nowMs)).toBeNull();
    expect(slots.book({ ...alone, load: 1 }, 1, nowMs + 1_000)?.fromMs).toBe(nowMs + promiseHorizonMs);
    expect(slots.book({ ...alone, load: 1 }, 1, nowMs + 9 * promiseHorizonMs)?.slot).toBe(
      (nowMs + 9 * promiseHorizonMs) / 1_000,
    );
  });
});
