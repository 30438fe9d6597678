import { setTimeout as pause } from 'node:timers/promises';

/** What one who asks over the network may wait, and how it waits. */
export interface Patience {
  /** Of one request, ms. */
  readonly timeoutMs: number;
  /** Waits between two attempts, ms: one more attempt for each. */
  readonly pausesMs: readonly number[];
  readonly pause: (ms: number) => Promise<unknown>;
  /** Of any clock that never goes back. */
  readonly nowMs: () => number;
}

/** 5 s a request, three attempts. */
export const usualPatience: Patience = {
  timeoutMs: 5_000,
  pausesMs: [100, 400],
  pause,
  nowMs: () => performance.now(),
};
