import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { LabelTree } from './label-tree.js';

describe('what is kept by labels', () => {
  it('is one thing a combination of values, whatever the order they are written in', () => {
    const value = fc.constantFrom('', 'a', 'b', 'a:b');
    const labels = fc.record({ one: value, two: value }, { requiredKeys: [] });
    fc.assert(
      fc.property(fc.array(fc.tuple(labels, fc.nat(9))), (asked) => {
        const tree = new LabelTree(['one', 'two'], () => ({ sum: 0 }));
        const sums = new Map<string, number>();
        for (const [{ one, two }, by] of asked) {
          const key = JSON.stringify([one, two]);
          tree.at({ ...(two !== undefined && { two }), ...(one !== undefined && { one }) }).sum += by;
          sums.set(key, (sums.get(key) ?? 0) + by);
        }
        const kept = tree.leaves.map((leaf) => [
          JSON.stringify([leaf.labels.one, leaf.labels.two]),
          leaf.kept.sum,
        ]);
        expect(kept).toEqual([...sums]);
      }),
    );
  });

  it('stays bounded: from 10,000 combinations on, new ones share one', () => {
    const tree = new LabelTree(['id'], () => ({ count: 0 }));
    for (let id = 0; id < 10_100; id += 1) tree.at({ id: String(id) }).count += 1;
    expect(tree.leaves).toHaveLength(10_001);
    expect(tree.leaves.at(-1)).toEqual({ labels: { id: 'other' }, kept: { count: 100 } });
    expect(tree.at({ id: '7' }).count).toBe(1);
  });
});
