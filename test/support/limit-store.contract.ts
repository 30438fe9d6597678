import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type {
  KeyLimits,
  LimitHold,
  LimitRefusal,
  LimitStore,
} from '../../libs/api-keys/src/limits/limit-store.js';

/** A store to be tried, on a clock of the suite. */
export interface StoreUnderTest {
  readonly store: LimitStore;
  /** Resolves when what was settled so far is counted. */
  settled(): Promise<void>;
  close(): Promise<void>;
}

const none: KeyLimits = { rpm: null, tpm: null, maxConcurrency: null };

/** What every store of limits must do. */
export function limitStoreContract(
  name: string,
  open: (nowMs: () => number) => Promise<StoreUnderTest>,
): void {
  describe(name, () => {
    let tried: StoreUnderTest;
    let nowMs = 1_790_000_000_000;
    let calls = 0;

    beforeEach(async () => {
      tried = await open(() => nowMs);
    });
    afterEach(() => tried.close());

    const take = async (subject: string, limits: Partial<KeyLimits>, tokens = 0) =>
      tried.store.take({ subject, callId: `call-${(calls += 1)}`, limits: { ...none, ...limits }, tokens });
    const held = (verdict: LimitHold | LimitRefusal): LimitHold => {
      if (verdict.kind === 'refused') throw new Error(`refused by ${verdict.by}`);
      return verdict;
    };
    const settle = async (verdict: LimitHold | LimitRefusal, tokens: number): Promise<void> => {
      held(verdict).settle(tokens);
      await tried.settled();
    };

    it('takes all requests of a minute at once, then as many as come free', async () => {
      const left: number[] = [];
      for (let at = 0; at < 3; at += 1) left.push(held(await take('a', { rpm: 3 })).requestsLeft);
      expect(left).toEqual([2, 1, 0]);
      expect(await take('a', { rpm: 3 })).toEqual({ kind: 'refused', by: 'rpm', retryAfterMs: 20_000 });
      nowMs += 19_000;
      expect(await take('a', { rpm: 3 })).toEqual({ kind: 'refused', by: 'rpm', retryAfterMs: 1_000 });
      nowMs += 1_000;
      expect((await take('a', { rpm: 3 })).kind).toBe('taken');
      expect((await take('a', { rpm: 3 })).kind).toBe('refused');
      nowMs += 600_000;
      for (let at = 0; at < 3; at += 1) held(await take('a', { rpm: 3 }));
      expect((await take('a', { rpm: 3 })).kind).toBe('refused');
    });

    it('keeps each subject by itself', async () => {
      held(await take('a', { rpm: 1 }));
      held(await take('b', { rpm: 1 }));
      expect((await take('a', { rpm: 1 })).kind).toBe('refused');
    });

    it('counts the tokens that were used in place of those that were expected', async () => {
      await settle(held(await take('a', { tpm: 1000 }, 900)), 300);
      expect(await take('a', { tpm: 1000 }, 800)).toEqual({
        kind: 'refused',
        by: 'tpm',
        retryAfterMs: 6_000,
      });
      await settle(held(await take('a', { tpm: 1000 }, 700)), 1_700);
      expect(await take('a', { tpm: 1000 }, 1)).toEqual({ kind: 'refused', by: 'tpm', retryAfterMs: 60_060 });
      nowMs += 60_060;
      held(await take('a', { tpm: 1000 }, 1));
    });

    it('lets a call that alone is above the limit go when all of the limit is free', async () => {
      await settle(held(await take('a', { tpm: 100 }, 5_000)), 50);
      expect(await take('a', { tpm: 100 }, 5_000)).toEqual({
        kind: 'refused',
        by: 'tpm',
        retryAfterMs: 30_000,
      });
    });

    it('has as many calls at once as slots, each freed once', async () => {
      const first = await take('a', { maxConcurrency: 2 });
      await take('a', { maxConcurrency: 2 });
      const refused = { kind: 'refused', by: 'maxConcurrency', retryAfterMs: 1_000 };
      expect(await take('a', { maxConcurrency: 2 })).toEqual(refused);
      await settle(first, 0);
      await settle(first, 0);
      held(await take('a', { maxConcurrency: 2 }));
      expect(await take('a', { maxConcurrency: 2 })).toEqual(refused);
    });

    it('uses up nothing for what it refuses', async () => {
      const limits = { rpm: 2, tpm: 100, maxConcurrency: 5 };
      const hold = await take('a', limits, 100);
      for (let at = 0; at < 10; at += 1) expect((await take('a', limits, 10)).kind).toBe('refused');
      await settle(hold, 0);
      held(await take('a', limits, 10));
      expect(await take('a', limits, 10)).toMatchObject({ by: 'rpm' });
    });

    it('goes by a limit that was changed from the next call on', async () => {
      held(await take('a', { rpm: 1 }));
      expect((await take('a', { rpm: 1 })).kind).toBe('refused');
      held(await take('a', { rpm: 2 }));
      expect((await take('a', { rpm: 1 })).kind).toBe('refused');
    });

    it('is not upset by a clock that is set back', async () => {
      held(await take('a', { rpm: 1 }));
      nowMs -= 3_600_000;
      expect(await take('a', { rpm: 1 })).toEqual({ kind: 'refused', by: 'rpm', retryAfterMs: 60_000 });
    });
  });
}
