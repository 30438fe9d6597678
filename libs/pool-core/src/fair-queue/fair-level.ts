/** How far one call moves the level, as a share of it. */
const up = 0.01;
const down = 0.004;

/**
 * The fair share, measured: how much a caller may have had of late, over its weight, and still be served without much delay
 * while the pool is short. Who is served in spite of having had more lifts it; who waits long in spite of having had less
 * lowers it.
 */
export class FairLevel {
  /** In load weighed as of now; 0 until the pool was short. */
  private level = 0;

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
}
