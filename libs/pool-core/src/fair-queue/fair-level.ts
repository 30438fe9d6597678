import type { Caller } from './caller-usage.js';

/** How far one call moves the level, as a share of it. */
const up = 0.01;
const down = 0.004;
/** Of the fair share, what is given away by telling callers when to come back; the rest goes to those who wait. */
const promisedShare = 0.25;
const horizonHalfLives = 10;

/**
 * The fair share, measured: how much a caller may have had of late, over its weight, and still be served without much delay
 * while the pool is short. Who is served in spite of having had more lifts it; who waits long in spite of having had less
 * lowers it.
 */
export class FairLevel {
  /** In load weighed as of now; 0 until the pool was short. */
  private level = 0;

  constructor(private readonly halfLifeMs: number) {}

  /** How far ahead a turn can be told. */
  get horizonMs(): number {
    return horizonHalfLives * this.halfLifeMs;
  }

  isWithin(had: number): boolean {
    return had <= this.level;
  }

  noteServed(had: number): void {
    if (had > this.level) this.level *= 1 + up;
  }

  noteLate(had: number): void {
    if (this.level === 0) this.level = had;
    else if (had < this.level) this.level *= 1 - down;
  }

  /**
   * When it is a caller's turn again: when what it has had has faded to the fair share, and after those of its calls that were
   * given a time before, at the rate at which the fair share can be used. It is an
   * estimate: what lies further away than {@link FairLevel.horizonMs} is not to be relied on.
   *
   * @param used what it has had over its weight, weighed as of now
   * @param load of the call, over the caller's weight
   * @param share of all that was had of late; who is alone has nobody to leave anything for
   */
  turnMs({ nextTurnMs }: Caller, used: number, load: number, share: number, nowMs: number): number {
    if (this.level === 0) return nowMs;
    const fadesMs = this.halfLifeMs * Math.log2(Math.max(1, used / this.level));
    const apartMs = (load * this.halfLifeMs) / (Math.max(promisedShare, share) * this.level * Math.LN2);
    return Math.max(nowMs + fadesMs, nextTurnMs + apartMs);
  }
}
