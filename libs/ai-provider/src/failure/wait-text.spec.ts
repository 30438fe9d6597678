import { describe, expect, it } from '@jest/globals';
import { waitInText } from './wait-text.js';

const nowMs = Date.parse('2026-09-20T12:00:00Z');

describe('waitInText', () => {
  it.each<readonly [string, number | null]>([
    ['Please try again in 20s.', 20_000],
    ['Please try again in 1m26.4s. Visit', 86_400],
    ['Please try again in 6ms.', 6],
    ['Please retry after 9 seconds. Please go here', 9_000],
    ['Please retry in 36.429760048s.', 36_430],
    ['Your quota will reset after 0s.', 0],
    ['Quota will be replenished in 00:14:44.', 884_000],
    ['Try again in 5 minutes', 300_000],
    ['Retry after 2 hours', 7_200_000],
    ['You will regain access on 2026-10-01 at 00:00 UTC.', 907_200_000],
    ['You will regain access on 2026-09-01 at 00:00 UTC.', 0],
    ['Try again in 1h2m3.5s.', 3_723_500],
    ['Please try again in 1h 2m 3.5s.', 3_723_500],
    ['Try again in 1 hour, 2 minutes and 3 seconds.', 3_723_000],
    ['Try again in 2 hours and we will see', 7_200_000],
    ['Please wait 30 seconds before 2 more requests', 30_000],
    ['Please try again later.', null],
    ['Too many requests, wait a bit', null],
    ['try again in 99999999999999999999h', null],
    ['', null],
    ['try again in .', null],
    ['retry after : seconds', null],
  ])('%s', (text, waitMs) => {
    expect(waitInText(text, nowMs)).toBe(waitMs);
  });
});
