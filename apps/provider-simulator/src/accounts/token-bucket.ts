/** A bucket that starts full and refills continuously: `capacity` units in `windowMs`. */
export class TokenBucket {
  #level: number;
  #atMs: number;

  /**
   * @param capacity units, 0 or more; 0 admits nothing
   * @param windowMs time in which an empty bucket becomes full
   */
  constructor(
    readonly capacity: number,
    readonly windowMs: number,
    nowMs: number,
  ) {
    this.#level = capacity;
    this.#atMs = nowMs;
  }

  /** Units there are now; fractions possible. */
  level(nowMs: number): number {
    const refilled = (Math.max(0, nowMs - this.#atMs) * this.capacity) / this.windowMs;
    return Math.min(this.capacity, this.#level + refilled);
  }

  /** Takes units that {@link TokenBucket.waitMs} said are there. */
  take(units: number, nowMs: number): void {
    this.#level = this.level(nowMs) - units;
    this.#atMs = nowMs;
  }

  /** Time until this many units are there: 0 when they are, Infinity when they never fit in. */
  waitMs(units: number, nowMs: number): number {
    if (units > this.capacity) return Infinity;
    return this.#timeFor(units - this.level(nowMs));
  }

  /** Time until the bucket is full again. */
  fullInMs(nowMs: number): number {
    return this.#timeFor(this.capacity - this.level(nowMs));
  }

  /** A millionth of a unit is the noise of floating point, not a lack. */
  #timeFor(missing: number): number {
    return missing <= 1e-6 ? 0 : (missing * this.windowMs) / this.capacity;
  }
}
