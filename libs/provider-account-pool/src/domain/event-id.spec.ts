import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { eventIdAt, firstEventIdAt } from './event-id.js';
import { isUuid } from './uuid.js';

describe('the id of an event', () => {
  const instant = fc.integer({ min: 0, max: 2 ** 47 });

  it('is in the order of time, and within a millisecond in the order of making', () => {
    fc.assert(
      fc.property(fc.array(instant, { minLength: 2 }), (instants) => {
        const ids = instants.toSorted((a, b) => a - b).map(eventIdAt);
        expect(ids).toEqual(ids.toSorted());
      }),
    );
  });

  it('is a UUID of version 7, no smaller than the first of its instant', () => {
    fc.assert(
      fc.property(instant, (atMs) => {
        const id = eventIdAt(atMs);
        expect(isUuid(id)).toBe(true);
        expect(id[14]).toBe('7');
        expect('89ab').toContain(id[19]);
        expect(id >= firstEventIdAt(atMs) && id < firstEventIdAt(atMs + 1)).toBe(true);
      }),
    );
  });
});
