import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { limitStoreContract } from '../../../../test/support/limit-store.contract.js';
import { MemoryLimitStore } from './memory-limit-store.js';

limitStoreContract('limits in memory', (nowMs) =>
  Promise.resolve({
    store: new MemoryLimitStore({ nowMs }),
    settled: () => Promise.resolve(),
    close: () => Promise.resolve(),
  }),
);

describe('limits in memory', () => {
  const limits = { rpm: 1, tpm: null, maxConcurrency: null };

  it('are bounded, whoever asks, and forget nobody who has a call under way', () => {
    const store = new MemoryLimitStore({ nowMs: () => 0 });
    const busy = { subject: 'busy', callId: '', limits: { ...limits, rpm: 2, maxConcurrency: 1 }, tokens: 0 };
    store.take(busy);
    for (let at = 0; at < 60_000; at += 1) {
      const hold = store.take({ subject: `hostile-${at}`, callId: '', limits, tokens: 0 });
      if (hold.kind === 'taken') hold.settle(0);
    }
    expect(store.size).toBeLessThanOrEqual(50_000);
    expect(store.take(busy)).toMatchObject({ kind: 'refused', by: 'maxConcurrency' });
  });

  it('keep the promise of Retry-After: who comes back then, goes; a moment earlier it does not', () => {
    const step = fc.record({
      waitMs: fc.integer({ min: 0, max: 30_000 }),
      tokens: fc.integer({ min: 0, max: 2_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        let nowMs = 1_790_000_000_000;
        const store = new MemoryLimitStore({ nowMs: () => nowMs });
        const take = (tokens: number) =>
          store.take({
            subject: 'a',
            callId: '',
            limits: { rpm: 7, tpm: 1_500, maxConcurrency: null },
            tokens,
          });
        for (const { waitMs, tokens } of steps) {
          nowMs += waitMs;
          const verdict = take(tokens);
          if (verdict.kind === 'taken') {
            verdict.settle(tokens * 1.5);
            continue;
          }
          nowMs += verdict.retryAfterMs - 1;
          expect(take(tokens).kind).toBe('refused');
          nowMs += 1;
          expect(take(tokens).kind).toBe('taken');
        }
      }),
    );
  });
});
