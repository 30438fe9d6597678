import { describe, expect, it } from '@jest/globals';
import { Ring } from './ring.js';

const filled = (size: number, entries: number) => {
  const ring = new Ring<number>(size);
  for (let i = 1; i <= entries; i++) ring.push(i);
  return ring.toArray();
};

describe('a ring', () => {
  it('keeps the last entries, oldest first', () => {
    expect(filled(3, 2)).toEqual([1, 2]);
    expect(filled(3, 3)).toEqual([1, 2, 3]);
    expect(filled(3, 7)).toEqual([5, 6, 7]);
  });

  it('of no size keeps nothing', () => {
    expect(filled(0, 7)).toEqual([]);
  });
});
