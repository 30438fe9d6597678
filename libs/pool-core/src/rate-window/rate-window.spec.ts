import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { RateWindow } from './rate-window.js';
import type { WindowRules } from './rate-window.js';

const minuteMs = 60_000;
const requests = {
  name: 'rpm',
  windowMs: minuteMs,
  perRequest: 1,
  perInputToken: 0,
  perOutputToken: 0,
} as const;

const windowOf = (
  limit: number | null,
  nowMs = 0,
  safetyMargin = 0,
  configuredLimits: WindowRules['configuredLimits'] = 'belief',
): RateWindow => {
  const window = new RateWindow(requests, { safetyMargin, configuredLimits });
  window.configure(limit, nowMs);
  return window;
};
const drained = (limit: number, safetyMargin = 0): RateWindow => {
  const window = windowOf(limit, 0, safetyMargin);
  window.settle(window.take(limit, 0), limit, 0);
  return window;
};
const silence = { limit: null, remaining: null };
const sent = { atMs: 0, charged: 1, excess: 0, othersSpent: 0, isHeld: false };

describe('RateWindow', () => {
  it('never admits more than a full window and its refill over any span', () => {
    const steps = fc.array(fc.record({ gapMs: fc.nat(5_000), amount: fc.integer({ min: 1, max: 30 }) }), {
      maxLength: 200,
    });
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), steps, (limit, asks) => {
        const window = windowOf(limit);
        const taken: { atMs: number; amount: number }[] = [];
        let nowMs = 0;
        for (const { gapMs, amount } of asks) {
          nowMs += gapMs;
          if (window.admitsFromMs(amount, nowMs) <= nowMs) {
            taken.push({ atMs: nowMs, amount: window.take(amount, nowMs) });
          }
        }
        taken.forEach(({ atMs: startMs }, from) => {
          let sum = 0;
          for (const { atMs, amount } of taken.slice(from)) {
            sum += amount;
            expect(sum).toBeLessThanOrEqual(limit + ((atMs - startMs) * limit) / minuteMs + 1e-6);
          }
        });
      }),
    );
  });

  it('refills evenly: one of six after 10 s', () => {
    const window = drained(6);
    expect(window.admitsFromMs(1, 0)).toBe(10_000);
    expect(window.levelAt(10_000)).toBeCloseTo(1);
    expect(window.levelAt(3_600_000)).toBe(6);
  });

  it('keeps the safety margin in whole units, so that small limits are exact', () => {
    expect([6, 49, 50, 100, 1_000].map((limit) => windowOf(limit, 0, 0.02).capacityUnits)).toEqual([
      6, 49, 49, 98, 980,
    ]);
  });

  it('admits everything while no limit is known, and then counts on from there', () => {
    const window = windowOf(null);
    const charged = window.take(1_000_000, 0);
    expect(window.admitsFromMs(1_000_000, 0)).toBe(-Infinity);
    window.configure(10, 0);
    expect(window.admitsFromMs(1, 0)).toBeGreaterThan(0);
    window.settle(charged, 0, 0);
    expect(window.levelAt(0)).toBe(10);
  });

  it('takes more when more was used, down to a debt of one window', () => {
    const window = windowOf(100);
    window.settle(window.take(10, 0), 150, 0);
    expect(window.levelAt(0)).toBe(-50);
    window.settle(window.take(0, 0), 1e9, 0);
    expect(window.levelAt(0)).toBe(-100);
  });

  it('keeps what is in use when its limit changes', () => {
    const window = windowOf(100);
    window.take(40, 0);
    window.configure(50, 0);
    expect(window.levelAt(0)).toBe(10);
    window.configure(30, 0);
    expect(window.levelAt(0)).toBe(-10);
    window.configure(200, 0);
    expect(window.levelAt(0)).toBe(160);
  });

  it('does not fall back when the clock does', () => {
    const window = windowOf(6, 50_000);
    window.take(6, 50_000);
    expect(window.levelAt(40_000)).toBe(0);
    window.take(0, 40_000);
    expect(window.levelAt(50_000)).toBe(0);
  });
});

describe('what the provider says', () => {
  it('counts at once when it is less than we thought', () => {
    const window = windowOf(100);
    window.correct({ ...silence, remaining: 20 }, sent, 0);
    expect(window.levelAt(0)).toBe(20);
  });

  it('does not take a debt, or tokens the provider did not know of yet, for room', () => {
    const inDebt = windowOf(100);
    inDebt.correct({ limit: 100, remaining: 100 }, sent, 0);
    inDebt.settle(inDebt.take(1, 0), 150, 0);
    const debt = inDebt.levelAt(0);
    expect(debt).toBeLessThan(0);
    inDebt.correct({ limit: 100, remaining: 0 }, sent, 0);
    expect(inDebt.levelAt(0)).toBe(debt);
    inDebt.correct({ limit: 100, remaining: 99 }, { ...sent, excess: 149 }, 0);
    expect(inDebt.levelAt(0)).toBe(debt);
    inDebt.correct({ limit: 100, remaining: 99 }, sent, 0);
    expect(inDebt.levelAt(0)).toBeGreaterThan(90);
  });

  it('is moved on by the refill and by what others spent since', () => {
    const window = windowOf(60);
    window.correct({ ...silence, remaining: 20 }, { ...sent, othersSpent: 10 }, 5_000);
    expect(window.levelAt(5_000)).toBe(20 + 5 - 10 + 3);
  });

  it('is not held against us when calls that overtook this one explain it', () => {
    const window = windowOf(6);
    window.settle(window.take(1, 0), 1, 0);
    window.settle(window.take(1, 0), 1, 0);
    window.correct({ ...silence, remaining: 4 }, { ...sent, othersSpent: 1 }, 0);
    expect(window.levelAt(0)).toBe(4);
  });

  it('is ignored when it is more by less than the margin, or than what is under way', () => {
    const window = windowOf(100, 0, 0.02);
    window.settle(window.take(50, 0), 50, 0);
    window.correct({ ...silence, limit: 100, remaining: 51 }, sent, 0);
    expect(window.levelAt(0)).toBe(48);
    window.take(20, 0);
    window.correct({ ...silence, limit: 100, remaining: 50 }, sent, 0);
    expect(window.levelAt(0)).toBe(28);
    window.correct({ ...silence, limit: 100, remaining: 90 }, sent, 0);
    expect(window.levelAt(0)).toBe(68);
  });

  it('raises what is left, where the provider holds what calls may use, once many answers in a row say so', () => {
    const window = windowOf(1_000);
    const held = { ...sent, isHeld: true };
    const answer = (remaining: number) => window.correct({ limit: 1_000, remaining }, held, 0);
    answer(100);
    for (let at = 0; at < 15; at += 1) answer(500 + at);
    expect(window.levelAt(0)).toBe(100);
    answer(900);
    expect(window.levelAt(0)).toBe(500);
    for (let at = 0; at < 40; at += 1) answer(at % 10 === 0 ? 500 : 900);
    expect(window.levelAt(0)).toBe(500);
  });

  it('teaches a limit that is not configured, and a lower one than configured', () => {
    const learning = windowOf(null);
    learning.correct({ ...silence, limit: 50, remaining: 49 }, sent, 0);
    expect([learning.capacityUnits, learning.levelAt(0)]).toEqual([50, 49]);
    const wrong = windowOf(100);
    wrong.correct({ ...silence, limit: 70, remaining: 69 }, sent, 0);
    expect([wrong.capacityUnits, wrong.levelAt(0)]).toEqual([70, 69]);
  });

  it('counts more than what people believe, and less than a cap of theirs', () => {
    for (const [rule, limit] of [
      ['belief', 1_000],
      ['cap', 10],
    ] as const) {
      const window = windowOf(10, 0, 0, rule);
      window.settle(window.take(10, 0), 10, 0);
      window.correct({ limit: 1_000, remaining: 990 }, sent, 0);
      expect([window.capacityUnits, window.levelAt(0)]).toEqual([limit, limit - 10]);
    }
  });

  it('is the newest: an answer to an earlier call takes back no limit that was told since', () => {
    const window = windowOf(100);
    window.take(95, 0);
    const early = { ...sent, atMs: 1_000 };
    window.correct({ limit: 50, remaining: 5 }, { ...sent, atMs: 2_000 }, 3_000);
    expect(window.capacityUnits).toBe(50);
    window.correct({ limit: 100, remaining: 100 }, early, 3_000);
    expect([window.capacityUnits, window.levelAt(3_000)]).toEqual([50, 5 + 50 / 60]);
    window.correct({ limit: 200, remaining: 10 }, { ...sent, atMs: 2_500 }, 3_000);
    expect(window.capacityUnits).toBe(200);
  });

  it('costs a used-up window no debt when the limit that is told is lower', () => {
    const window = windowOf(1_000);
    window.correct({ limit: 1_000, remaining: 1_000 }, sent, 0);
    window.settle(window.take(960, 0), 960, 0);
    window.take(30, 0);
    window.correct({ limit: 500, remaining: 8 }, sent, 0);
    expect([window.capacityUnits, window.levelAt(0)]).toEqual([500, 8]);
    window.correct({ limit: 250, remaining: null }, sent, 0);
    expect(window.levelAt(0)).toBe(250 - (500 - 8));
  });

  it('counts until people believe something else', () => {
    const window = windowOf(10);
    window.correct({ limit: 1_000, remaining: 990 }, sent, 0);
    window.configure(10, 0);
    expect(window.capacityUnits).toBe(1_000);
    window.configure(20, 0);
    expect(window.capacityUnits).toBe(20);
  });
});

describe('the safety margin', () => {
  it('costs a burst its whole units, and a saturated window nothing of its refill', () => {
    const window = windowOf(1_000, 0, 0.02);
    window.take(980, 0);
    expect(window.levelAt(30_000)).toBeCloseTo(500);
  });
});
