import { describe, expect, it } from '@jest/globals';
import { anAccount, anAsk, PoolInTime, seeded, succeeded } from '../../test-support/a-pool.js';

describe('turns', () => {
  it('go on when the configuration changes', () => {
    const specs = [9, 1].map((weight, at) => anAccount(`a${at}`, { weight }));
    const pool = new PoolInTime(specs);
    const picks = Array.from({ length: 1_000 }, (_, call) => {
      if (call % 7 === 0)
        pool.pool.replaceAccounts(
          specs.map((spec) => ({ ...spec })),
          pool.nowMs,
        );
      const reservation = pool.reserve();
      pool.settle(reservation, succeeded);
      return reservation.accountId;
    });
    for (let start = 0; start + 100 <= picks.length; start += 1) {
      const heavy = picks.slice(start, start + 100).filter((id) => id === 'a0').length;
      expect(Math.abs(heavy - 90)).toBeLessThanOrEqual(2);
    }
  });

  it('are shared by models that the same accounts serve', () => {
    const pool = new PoolInTime([9, 1].map((weight, at) => anAccount(`a${at}`, { weight })));
    const random = seeded(5);
    const picks = Array.from(
      { length: 1_000 },
      () => pool.reserve(anAsk({ model: `model-${Math.floor(random() * 5)}` })).accountId,
    );
    for (let start = 0; start + 100 <= picks.length; start += 1) {
      const heavy = picks.slice(start, start + 100).filter((id) => id === 'a0').length;
      expect(Math.abs(heavy - 90)).toBeLessThanOrEqual(2);
    }
  });
});
