import { describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import { anAccount } from '../../test-support/a-pool.js';
import { Replicas, admittedBy, overshoot, untilRefused } from '../../test-support/replicas.js';
import type { Quota } from '../quota.js';

const levelOf = ({ windows }: Quota, nowMs: number): number => windows.limited[0]?.levelAt(nowMs) ?? NaN;

describe('processes that cannot hear each other', () => {
  const limits = { rpm: 600, maxConcurrency: 1_000 };

  it('use together no more than there is, and no less', () => {
    const replicas = new Replicas(3, [anAccount('a', { limits: { rpm: 600 } })]);
    replicas.split(3);
    const admitted = admittedBy(replicas, { ms: 180_000, everyMs: 0 });
    expect(overshoot(admitted, 588, 0.01)).toBeLessThanOrEqual(0);
    expect(admitted.length).toBeGreaterThan(0.98 * (588 + 3 * 600));
  });

  it('share out what is left, and go on from what each has left', () => {
    const replicas = new Replicas(2, [anAccount('a', { limits })]);
    for (let call = 0; call < 288; call += 1) replicas.of(0).reserve();
    replicas.tell();
    const { nowMs } = replicas.of(0);
    const levels = (): number[] => [0, 1].map((index) => levelOf(replicas.account(index), nowMs));
    expect(levels()).toEqual([300, 300]);
    replicas.split(2);
    expect(levels()).toEqual([150, 150]);
    expect(replicas.account(0).slots).toBe(500);
    replicas.of(1).reserve();
    replicas.split(1);
    expect(levels()).toEqual([150, 149]);
    replicas.tell();
    // What was spent meanwhile is told to nobody; what is under way is.
    expect(levels()).toEqual([150, 149]);
    expect([0, 1].map((index) => replicas.account(index).slots)).toEqual([999, 712]);
  });

  it('raise nothing by what a provider says is left for all', () => {
    const replicas = new Replicas(2, [anAccount('a', { limits })]);
    replicas.split(2);
    const calls = untilRefused(replicas.of(0));
    const left: LimitReading = {
      unit: 'requests',
      window: 'minute',
      limit: 600,
      remaining: 300,
      resetAtMs: null,
    };
    for (const call of calls)
      replicas.of(0).settle(call, { kind: 'succeeded', tokens: null, limits: [left], firstByteMs: null });
    expect(levelOf(replicas.account(0), replicas.of(0).nowMs)).toBeLessThan(1);
  });

  it('split accounts and limits that come meanwhile, too, and hold nothing of calls that have ended', () => {
    const replicas = new Replicas(2, [anAccount('a', { limits })]);
    const { pool, nowMs } = replicas.of(0);
    const before = untilRefused(replicas.of(0));
    replicas.split(2);
    pool.replaceAccounts([anAccount('a', { limits }), anAccount('b', { limits: { rpm: 7 } })], nowMs);
    expect(levelOf(replicas.account(0, 'b'), nowMs)).toBe(3);
    const all = [...before, ...untilRefused(replicas.of(0))];
    for (const call of all) replicas.of(0).settle(call);
    replicas.split(1);
    for (const id of ['a', 'b']) {
      const { windows, inFlight } = replicas.account(0, id);
      expect([inFlight, windows.limited[0]?.reserved]).toEqual([0, 0]);
    }
  });
});
