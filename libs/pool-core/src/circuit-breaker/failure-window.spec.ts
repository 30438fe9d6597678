import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { FailureWindow } from './failure-window.js';

describe('FailureWindow', () => {
  it('counts everything of the last nine tenths of its span and nothing older than it', () => {
    const gaps = fc.array(fc.record({ gapMs: fc.nat(20_000), failed: fc.boolean() }), { maxLength: 100 });
    fc.assert(
      fc.property(gaps, fc.nat(70_000), (events, waitMs) => {
        const window = new FailureWindow(60_000);
        const failuresAtMs: number[] = [];
        let nowMs = 1_700_000_000_000;
        for (const { gapMs, failed } of events) {
          nowMs += gapMs;
          window.record(failed, nowMs);
          if (failed) failuresAtMs.push(nowMs);
        }
        nowMs += waitMs;
        const since = (ageMs: number) => failuresAtMs.filter((atMs) => atMs > nowMs - ageMs).length;
        expect(window.failuresAt(nowMs)).toBeGreaterThanOrEqual(since(54_000));
        expect(window.failuresAt(nowMs)).toBeLessThanOrEqual(since(60_000));
        expect(window.failuresAt(nowMs + 60_000)).toBe(0);
        expect(window.callsAt(nowMs + 60_000)).toBe(0);
      }),
    );
  });

  it('does not condemn for one failure', () => {
    const window = new FailureWindow(60_000);
    window.record(true, 0);
    expect(window.failureRatioAt(0, 5)).toBe(0.2);
    for (let call = 0; call < 9; call += 1) window.record(false, 0);
    expect(window.failureRatioAt(0, 5)).toBe(0.1);
  });
});
