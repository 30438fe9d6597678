/** Differences within this share of a refill are noise of estimates, and no stranger's doing. */
const noiseShare = 0.05;
/** However much strangers seem to take, an account keeps this share of its refill: else nobody would see that they stopped. */
const leastShare = 0.05;

/**
 * What calls from elsewhere take of a limit, such as those of another gateway with the same key: what answers find missing again and
 * again. It is expected henceforth, instead of being met by a refusal each time. All that was found missing, less what was found
 * there again, within one span of the limit: where expectation meets what happens, nothing is missing, and it stays.
 */
export class OutsideUse {
  private perMs = 0;
  private heardMs = Infinity;

  /** The limit itself has changed: what the next answer finds missing is nobody's doing. */
  skipNext(): void {
    this.heardMs = Infinity;
  }

  /**
   * An answer has found units missing; negative: there again; 0 when all is as expected.
   *
   * @param refillPerMs of the limit, if nobody else took any: strangers take no more than that, whatever a first answer says
   * @param windowMs span of the limit
   * @param atMs the moment that the answer speaks of, ms since the epoch
   */
  note(units: number, refillPerMs: number, windowMs: number, atMs: number): void {
    const most = refillPerMs * Math.max(0, atMs - this.heardMs);
    this.heardMs = this.heardMs === Infinity ? atMs : Math.max(this.heardMs, atMs);
    this.perMs = Math.max(0, Math.min(refillPerMs, this.perMs + Math.min(units, most) / windowMs));
  }

  /** What is left of a refill for calls from here, per ms. */
  leftOf(refillPerMs: number): number {
    const taken = Math.max(0, this.perMs - noiseShare * refillPerMs);
    return Math.max(leastShare * refillPerMs, refillPerMs - taken);
  }

  /** What was missing is accounted for, or was missing of another limit. */
  forget(): void {
    this.perMs = 0;
  }
}
