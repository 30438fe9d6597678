import { describe, expect, it } from '@jest/globals';
import { PoolInTime, aFailure, anAccount, failedBy, succeeded } from '../../test-support/a-pool.js';

const failed = failedBy(aFailure('server_error'));

/** An account with a hundred good calls behind it. */
function provenPool(): PoolInTime {
  const pool = new PoolInTime([anAccount('a')]);
  for (let call = 0; call < 100; call += 1) pool.call(succeeded);
  return pool;
}

describe('a circuit', () => {
  it('opens at the fifth failure in a row, however much went well before and still ends well', () => {
    const pool = provenPool();
    const longAnswers = Array.from({ length: 5 }, () => pool.reserve());
    pool.pass(1);
    for (const answer of longAnswers) {
      expect(pool.machine('a')).toBe('closed');
      pool.call(failed);
      pool.settle(answer, succeeded);
    }
    expect(pool.machine('a')).toBe('open');
  });

  it('stays closed while calls begun since go on succeeding', () => {
    const pool = provenPool();
    for (let round = 0; round < 10; round += 1) {
      for (let inARow = 0; inARow < 4; inARow += 1) pool.call(failed);
      for (let well = 0; well < 6; well += 1) pool.call(succeeded);
    }
    expect(pool.machine('a')).toBe('closed');
  });

  it('admits a probe within ten seconds or an eighth of the time the account has been out, or soon after', () => {
    const pool = new PoolInTime([anAccount('a')]);
    for (let call = 0; call < 5; call += 1) pool.call(failed);
    const outSinceMs = pool.nowMs;
    while (pool.nowMs - outSinceMs < 3_600_000) {
      const outForMs = pool.nowMs - outSinceMs;
      const decision = pool.select();
      const restMs = decision.kind === 'refused' ? (decision.earliestMs ?? Infinity) - pool.nowMs : 0;
      expect(restMs).toBeLessThanOrEqual(Math.max(10_000, outForMs / 8) * 1.2);
      pool.pass(restMs).call(failed);
    }
  });
});
