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

  it('knows within seconds that a third of all calls fail, after a minute of nothing but successes', () => {
    const window = new FailureWindow(60_000);
    for (let atMs = 0; atMs < 60_000; atMs += 100) window.record(false, atMs);
    for (let atMs = 60_000; atMs < 63_000; atMs += 100) window.record(atMs % 300 === 0, atMs);
    expect(window.failureRatioAt(63_000, 5)).toBeLessThan(0.02);
    expect(window.recentRatioAt(63_000, 5)).toBeGreaterThan(0.1);
    for (let atMs = 63_000; atMs < 72_000; atMs += 100) window.record(atMs % 300 === 0, atMs);
    expect(window.recentRatioAt(72_000, 5)).toBeCloseTo(1 / 3, 1);
  });

  it('takes one failure of late for no more than one in the whole span', () => {
    const window = new FailureWindow(60_000);
    for (let atMs = 0; atMs < 60_000; atMs += 100) window.record(false, atMs);
    window.record(true, 66_000);
    expect(window.recentRatioAt(66_000, 5)).toBe(window.failureRatioAt(66_000, 5));
  });

  it('forgets late failures in two tenths of the span', () => {
    const window = new FailureWindow(60_000);
    for (let call = 0; call < 95; call += 1) window.record(false, 0);
    for (let call = 0; call < 5; call += 1) window.record(true, 6_000);
    expect(window.recentRatioAt(6_000, 5)).toBeCloseTo(0.05);
    expect(window.recentRatioAt(12_000, 5)).toBe(1);
    expect(window.recentRatioAt(18_000, 5)).toBe(0.05);
  });
});
