import { describe, expect, it } from '@jest/globals';
import { PoolInTime, aFailure, anAccount, failedBy } from '../../test-support/a-pool.js';

const limited = failedBy(aFailure('rate_limited'));
const onePool = () => new PoolInTime([anAccount('a')]);
const restOf = (pool: PoolInTime): number => {
  const decision = pool.select();
  return decision.kind === 'refused' ? (decision.earliestMs ?? Infinity) - pool.nowMs : 0;
};

describe('a rest after a 429', () => {
  it('is over when its probe is under way for longer than refusals take: nobody waits for the end of an answer', () => {
    const pool = onePool();
    pool.call(failedBy(aFailure('rate_limited', { retryAfterMs: 7_000 })));
    const probe = pool.pass(7_000).reserve();
    expect(restOf(pool)).toBe(200);
    const next = pool.pass(200).reserve();
    expect(pool.reason()).toBeNull();
    pool.settle(next, limited);
    expect(pool.reason()).toBe('cooling');
    pool.settle(probe);
  });

  it('waits longer for its probe where refusals take longer: four times as long', () => {
    const pool = onePool();
    const refused = pool.reserve();
    pool.pass(500).settle(refused, failedBy(aFailure('rate_limited', { retryAfterMs: 7_000 })));
    pool.pass(7_000).reserve();
    expect(restOf(pool)).toBe(2_000);
  });

  it('begins a new row after a probe that was accepted', () => {
    const pool = onePool();
    for (let refusal = 0; refusal < 5; refusal += 1) {
      pool.call(limited);
      pool.pass(restOf(pool));
    }
    pool.reserve();
    pool.pass(200).call(limited);
    expect(restOf(pool)).toBeLessThanOrEqual(1_201);
  });
});
