import { describe, expect, it } from '@jest/globals';
import { readDuration, readInstant } from './clock-text.js';

const nowMs = Date.parse('2026-09-20T12:00:00Z');
const inMs = (text: string, date: string | null = null) => {
  const instantMs = readInstant(text, nowMs, date);
  return instantMs === null ? null : instantMs - nowMs;
};

describe('readInstant', () => {
  it.each([
    ['6m0s', 360_000],
    ['1h2m3.5s', 3_723_500],
    ['12ms', 12],
    ['0.479417207s', 480],
    ['30', 30_000],
    ['0.5', 500],
    ['999999999', 999_999_999_000],
    ['1789905630', 30_000],
    ['1789905630.25', 30_250],
    ['1789905630000', 30_000],
    ['1789905630000000', 30_000],
    ['1789905630000000000', 30_000],
    ['2026-09-20T12:00:30Z', 30_000],
    ['2026-09-20T12:00:30.123456Z', 30_123],
    ['2026-09-20T14:00:30+02:00', 30_000],
    ['2026-09-20 12:00:30+00:00', 30_000],
    ['2026-09-20T12:00:30', 30_000],
    ['2026-09-20 12:00:30', 30_000],
    ['Sun, 20 Sep 2026 12:00:30 GMT', 30_000],
    ['Sunday, 20-Sep-26 12:00:30 GMT', 30_000],
    ['Sun Sep 20 12:00:30 2026', 30_000],
    ['Sun, 20 Sep 2026 11:59:00 GMT', -60_000],
    [' 30 ', 30_000],
    ['', null],
    ['soon', null],
    ['-5', null],
    ['x 1', null],
    ['2026', 2_026_000],
    ['1e400', null],
    ['9'.repeat(400), null],
    ['9'.repeat(400) + 's', null],
    ['NaN', null],
    ['32:00', null],
    ['2026-99-99T99:99:99Z', null],
  ])('%s', (text, waitMs) => {
    expect(inMs(text)).toBe(waitMs);
  });

  it.each([
    ['behind', 'Sun, 20 Sep 2026 11:50:00 GMT', '2026-09-20T11:50:30Z', 30_000],
    ['ahead', 'Sun, 20 Sep 2026 12:10:00 GMT', '1789906230', 30_000],
    ['a day ahead', 'Mon, 21 Sep 2026 12:00:00 GMT', 'Mon, 21 Sep 2026 12:00:30 GMT', 30_000],
    ['as ours, but for the second it is cut to', 'Sun, 20 Sep 2026 11:59:59 GMT', '1789905630', 30_000],
    ['not to be read', 'yesterday', '1789905630', 30_000],
    ['ahead, where the time is a wait', 'Sun, 20 Sep 2026 12:10:00 GMT', '30s', 30_000],
  ])("goes by the provider's clock when it is %s", (_, date, text, waitMs) => {
    expect(inMs(text, date)).toBe(waitMs);
  });
});

describe('readDuration', () => {
  it.each([
    ['1d', 86_400_000],
    ['1h0m0.001s', 3_600_001],
    ['250µs', 0.25],
    ['5', null],
    ['5 s', null],
    ['s', null],
    ['', null],
  ])('%s', (text, ms) => {
    expect(readDuration(text)).toBe(ms);
  });
});
