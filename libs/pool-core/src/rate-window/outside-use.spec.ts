import { describe, expect, it } from '@jest/globals';
import { RateWindow } from './rate-window.js';

const limit = 600;
const kind = { name: 'rpm', windowMs: 60_000, perRequest: 1, perInputToken: 0, perOutputToken: 0 } as const;
const stepMs = 100;
const perStep = (limit * stepMs) / kind.windowMs;

/** An account of 10 calls per second whose callers always want more, and strangers who use the same one. */
class SharedAccount {
  readonly window = new RateWindow(kind, { safetyMargin: 0.02, configuredLimits: 'belief' });
  private nowMs = 0;
  private level = limit;

  constructor() {
    this.window.configure(limit, 0);
  }

  /**
   * Lets time pass: as many calls are sent as the window admits.
   *
   * @param strangers share of the refill that they take
   */
  pass(minutes: number, strangers: number): { served: number; refused: number } {
    const counts = { served: 0, refused: 0 };
    for (const untilMs = this.nowMs + minutes * 60_000; this.nowMs < untilMs; this.nowMs += stepMs) {
      this.level = Math.min(limit, this.level + perStep - strangers * perStep);
      while (this.window.admitsFromMs(1, this.nowMs) <= this.nowMs) this.call(counts);
    }
    return counts;
  }

  private call(counts: { served: number; refused: number }): void {
    const charged = this.window.take(1, this.nowMs);
    const isServed = this.level >= 1;
    if (isServed) this.level -= 1;
    counts[isServed ? 'served' : 'refused'] += 1;
    this.window.settle(charged, Number(isServed), this.nowMs);
    const sent = { atMs: this.nowMs, charged, excess: 0, othersSpent: 0, isHeld: false };
    this.window.correct({ limit, remaining: Math.floor(this.level) }, sent, this.nowMs);
  }
}

describe('what calls from elsewhere take of a limit', () => {
  it.each([0.1, 0.3, 0.7])('is expected before it refuses, and no more than that: %d of all', (strangers) => {
    const account = new SharedAccount();
    account.pass(5, strangers);
    const { served, refused } = account.pass(5, strangers);
    expect(refused).toBeLessThanOrEqual(1);
    expect(served).toBeGreaterThan(0.98 * (1 - strangers) * 5 * limit);
  });

  it('is forgotten soon after they have stopped', () => {
    const account = new SharedAccount();
    account.pass(5, 0.6);
    account.pass(2, 0);
    expect(account.pass(3, 0).served).toBeGreaterThan(0.97 * 3 * limit);
  });

  it('is not supposed because one answer says that nothing is left, as after a start', () => {
    const { window } = new SharedAccount();
    const sent = { atMs: 1_000, charged: 1, excess: 0, othersSpent: 0, isHeld: false };
    window.correct({ limit, remaining: 0 }, sent, 1_200);
    const level = window.levelAt(1_200);
    expect(window.levelAt(31_200) - level).toBeCloseTo(limit / 2);
  });

  it.each([
    ['one answer finds much missing after a long time in which nothing was', limit],
    ['the limit itself has changed', 2 * limit],
  ])('is not supposed because %s', (_why, told) => {
    const { window } = new SharedAccount();
    const sent = (atMs: number) => ({ atMs, charged: 1, excess: 0, othersSpent: 0, isHeld: false });
    for (let atMs = 0; atMs < 300_000; atMs += 1_000) {
      window.correct({ limit, remaining: limit }, sent(atMs), atMs);
    }
    window.correct({ limit: told, remaining: 0 }, sent(300_000), 300_000);
    window.correct({ limit: told, remaining: 0 }, sent(300_100), 300_100);
    const level = window.levelAt(300_100);
    expect(window.levelAt(315_100) - level).toBeCloseTo(told / 4);
  });

  it.each([limit / 4, 2 * limit])('is forgotten when people configure another limit: %d', (configured) => {
    const { window } = afterStrangersTookHalf();
    window.configure(configured, 300_000);
    const sent = { atMs: 300_100, charged: 1, excess: 0, othersSpent: 0, isHeld: false };
    window.correct({ limit: null, remaining: 0 }, sent, 300_100);
    const level = window.levelAt(300_100);
    expect(window.levelAt(306_100) - level).toBeCloseTo(configured / 10);
  });

  it('is forgotten when others are found to share the limit', () => {
    const { window } = afterStrangersTookHalf();
    const level = window.levelAt(300_000);
    window.forgetOutsideUse(300_000);
    expect(window.levelAt(306_000) - level).toBeCloseTo(limit / 10);
  });
});

function afterStrangersTookHalf(): SharedAccount {
  const account = new SharedAccount();
  account.pass(5, 0.5);
  const level = account.window.levelAt(300_000);
  expect(account.window.levelAt(306_000) - level).toBeLessThan(0.06 * limit);
  return account;
}
