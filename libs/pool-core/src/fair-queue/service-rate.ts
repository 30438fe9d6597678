/** Time constant of the running mean. */
const memoryMs = 5_000;
/** What the limits promise counts like this many calls, until more is seen. */
const expectedCalls = 2;

/** Measures how fast a pool serves while calls wait for it. */
export class ServiceRate {
  private busyMs = 0;
  private served = 0;
  private seenMs = NaN;
  private usualLoad = 1;

  /** Load served per ms. By what the limits promise it is 1: load is measured in ms of refill. */
  get perMs(): number {
    const expected = expectedCalls * this.usualLoad;
    return (this.served + expected) / (this.busyMs + expected);
  }

  /**
   * Notes what was served since the last time.
   *
   * @param isBusy whether calls have waited all that time
   */
  note(servedLoad: number, isBusy: boolean, nowMs: number): void {
    const passedMs = Math.max(0, nowMs - this.seenMs) || 0;
    const kept = Math.exp(-passedMs / memoryMs);
    this.seenMs = nowMs;
    this.busyMs = this.busyMs * kept + (isBusy ? passedMs : 0);
    this.served = this.served * kept + (isBusy ? servedLoad : 0);
  }

  /** Notes what one call weighs. */
  noteLoad(load: number): void {
    this.usualLoad += 0.05 * (load - this.usualLoad);
  }
}
