import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { dueMs, firstDueMs, nextLookMs } from './timetable.js';

const dayMs = 86_400_000;
const timetable = { everyDays: 30, windowHours: 48, warnDays: [1, 7, 3] };
const at = (days: number) => days * dayMs;

describe('a timetable', () => {
  it('begins before a secret is too old, by no more than the window, for a key always at the same time', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const due = dueMs(id, timetable, 0);
        expect(due).toBeLessThanOrEqual(at(30));
        expect(due).toBeGreaterThanOrEqual(at(28));
        expect(dueMs(id, timetable, 0)).toBe(due);
      }),
    );
  });

  it('spreads keys of one age over the window', () => {
    const hours = Array.from({ length: 480 }, (_, n) =>
      Math.floor(dueMs(`key-${n}`, timetable, 0) / 3_600_000),
    );
    expect(new Set(hours).size).toBeGreaterThan(40);
  });

  it('warns at each day once, then begins', () => {
    const due = at(20);
    const looks = [at(1), at(13), at(17), at(18), at(19)].map((now) => nextLookMs(due, timetable, now));
    expect(looks).toEqual([at(13), at(17), at(19), at(19), due]);
  });

  it('warns of no short rotation longer ahead than it lasts', () => {
    expect(nextLookMs(at(2), { ...timetable, everyDays: 2 }, 0)).toBe(at(1));
    expect(nextLookMs(at(1), { ...timetable, everyDays: 1 }, 0)).toBe(at(1));
  });

  it('gives an old key that comes under it as long as it warns ahead', () => {
    expect(firstDueMs('a', timetable, at(-400), 0)).toBe(at(7));
    expect(firstDueMs('a', { ...timetable, windowHours: 0 }, 0, 0)).toBe(at(30));
  });
});
