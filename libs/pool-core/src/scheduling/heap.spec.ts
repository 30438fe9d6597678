import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { Heap } from './heap.js';

const seats = 40;
const key = fc.record({ rank: fc.nat(2), order: fc.nat(5) });
const step = fc.record({ seat: fc.nat(seats - 1), heap: fc.nat(1), key, isLeaving: fc.boolean() });

interface Key {
  readonly rank: number;
  readonly order: number;
}

const lowest = (keys: Iterable<Key>): Key | undefined =>
  [...keys].toSorted((a, b) => a.rank - b.rank || a.order - b.order)[0];

describe('heaps that share positions', () => {
  it('name the lowest rank and of it the lowest order first, whatever comes, goes and moves', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 300 }), (steps) => {
        const positions = new Int32Array(seats);
        const heaps = [new Heap(positions), new Heap(positions)] as const;
        const expected = [new Map<number, Key>(), new Map<number, Key>()] as const;
        for (const { seat, heap: index, key, isLeaving } of steps) {
          const home = expected[0].has(seat) ? 0 : expected[1].has(seat) ? 1 : null;
          if (home === null) {
            heaps[index as 0 | 1].add(seat, key.rank, key.order);
            expected[index as 0 | 1].set(seat, key);
          } else if (isLeaving) {
            heaps[home].remove(seat);
            expected[home].delete(seat);
          } else {
            heaps[home].move(seat, key.rank, key.order);
            expected[home].set(seat, key);
          }
          for (const [at, heap] of heaps.entries()) {
            const inside = expected[at as 0 | 1];
            const first = heap.first === undefined ? undefined : inside.get(heap.first);
            expect(first).toEqual(lowest(inside.values()));
            expect(heap.firstOrder).toBe(first?.order ?? Infinity);
            expect(heap.length).toBe(inside.size);
          }
        }
        for (const [at, heap] of heaps.entries()) {
          const inside = expected[at as 0 | 1];
          const listed = Array.from({ length: heap.length }, (_, position) => [
            heap.seatAt(position),
            { rank: heap.rankAt(position), order: heap.orderAt(position) },
          ]);
          expect(new Map(listed as [number, Key][])).toEqual(inside);
          for (let seat = 0; seat < seats; seat += 1) expect(heap.has(seat)).toBe(inside.has(seat));
        }
      }),
    );
  });
});
