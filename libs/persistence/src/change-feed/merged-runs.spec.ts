import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { MergedRuns } from './merged-runs.js';

describe('merged runs', () => {
  it('answer each call with a run that began after it, one run at a time', async () => {
    await fc.assert(
      fc.asyncProperty(fc.scheduler(), fc.integer({ min: 1, max: 10 }), async (scheduler, calls) => {
        let [started, running] = [0, 0];
        const runs = new MergedRuns(async () => {
          started += 1;
          running += 1;
          expect(running).toBe(1);
          await scheduler.schedule(Promise.resolve());
          running -= 1;
        });
        const call = async (): Promise<void> => {
          await scheduler.schedule(Promise.resolve());
          const before = started;
          await runs.run();
          expect(started).toBeGreaterThan(before);
        };
        const all = Promise.all(Array.from({ length: calls }, call));
        await scheduler.waitFor(all);
        expect(started).toBeLessThanOrEqual(calls);
      }),
    );
  });

  it('go on after one that failed', async () => {
    let failures = 1;
    const runs = new MergedRuns(() => (failures-- > 0 ? Promise.reject(new Error('no')) : Promise.resolve()));
    await expect(runs.run()).rejects.toThrow('no');
    await runs.run();
  });
});
