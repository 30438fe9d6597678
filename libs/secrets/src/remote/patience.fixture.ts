import type { Patience } from './patience.js';

/** Waits for nothing, and remembers for how long it should have; time passes when the test says so. */
export class TestPatience implements Patience {
  readonly pausesMs = [100, 400];
  readonly waitedMs: number[] = [];
  atMs = 0;

  constructor(readonly timeoutMs = 30_000) {}

  readonly nowMs = (): number => this.atMs;

  readonly pause = async (ms: number): Promise<void> => {
    this.waitedMs.push(ms);
  };
}
