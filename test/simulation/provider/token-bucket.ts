import type { LimitedUnit } from '#kernel';

/** A limit as providers keep it: a bucket that refills evenly. Written apart from the pool's own, to be its judge. */
export class TokenBucket {
  private level: number;
  private updatedMs: number;

  constructor(
    readonly unit: LimitedUnit,
    readonly windowMs: number,
    public limit: number,
    nowMs: number,
  ) {
    this.level = limit;
    this.updatedMs = nowMs;
  }

  /** Units left; negative when answers were longer than was held for them. */
  levelAt(nowMs: number): number {
    if (nowMs > this.updatedMs) {
      const refill = ((nowMs - this.updatedMs) * this.limit) / this.windowMs;
      this.level = Math.min(this.limit, this.level + refill);
      this.updatedMs = nowMs;
    }
    return this.level;
  }

  /** The provider gives more or less from now on; what is left of a limit is never more than the limit. */
  resize(limit: number, nowMs: number): void {
    this.level = Math.min(limit, this.levelAt(nowMs));
    this.limit = limit;
  }

  spend(units: number, nowMs: number): void {
    this.level = Math.min(this.limit, this.levelAt(nowMs) - units);
  }

  /** How long until so much is there, ms; 0 when it is. More than fits counts as all that fits. */
  waitMs(units: number, nowMs: number): number {
    const missing = Math.min(units, this.limit) - this.levelAt(nowMs);
    return missing <= 0 ? 0 : (missing * this.windowMs) / this.limit;
  }
}
