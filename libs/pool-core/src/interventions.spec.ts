import { describe, expect, it } from '@jest/globals';
import { PoolInTime, anAccount, anAsk, idOf, seeded } from '../test-support/a-pool.js';
import { benchAccount } from './interventions.js';

describe('an account that is benched while its probe is under way', () => {
  it('is known to be ready at the end of the rest, not when the probe ends', () => {
    const pool = new PoolInTime([anAccount('a')]);
    const bench = (forMs: number) => benchAccount(pool.pool, idOf('a'), forMs, 'manual', pool.nowMs);
    bench(1_000);
    pool.pass(1_000).reserve();
    pool.select();
    bench(2_000);
    expect(pool.reason()).toBe('cooling');
    const { fromMs } = pool.pool.lanes.readyFirst(anAsk(), pool.nowMs, seeded(1));
    expect(fromMs).toBe(pool.nowMs + 2_000);
  });
});
