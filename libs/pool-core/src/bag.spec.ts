import { describe, expect, it } from '@jest/globals';
import * as fc from 'fast-check';
import { Bag } from './bag.js';

describe('Bag', () => {
  it('holds what was put in and not taken out, in whatever order that happens', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(20)), (steps) => {
        const things = Array.from({ length: 21 }, (_, name) => ({ name, place: -1 }));
        const bag = new Bag<(typeof things)[number]>();
        const expected = new Set<(typeof things)[number]>();
        for (const thing of steps.map((at) => things[at] as (typeof things)[number])) {
          if (expected.delete(thing)) bag.delete(thing);
          else {
            expected.add(thing);
            bag.add(thing);
          }
          expect(bag.size).toBe(expected.size);
          expect(new Set(bag)).toEqual(expected);
        }
      }),
    );
  });
});
