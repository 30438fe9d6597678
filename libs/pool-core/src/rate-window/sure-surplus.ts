/** Answers in a row that must say so. */
const enough = 16;

/**
 * How much more is left than was thought, for sure: the least that many answers in a row say. A single one may count twice what its
 * provider gives back.
 */
export class SureSurplus {
  private answers = 0;
  private least = Infinity;
  /** Units that answers took away and none gave back, so far as they may be given back. */
  private taken = 0;

  /** An answer has taken units away. @param most units ever given back without another one */
  noteTaken(units: number, most: number): void {
    this.taken = Math.min(most, this.taken + units);
    this.begin();
  }

  /** @param units more than thought by one answer; negative: less. @returns what is sure by now; 0 when nothing */
  of(units: number): number {
    this.least = Math.min(this.least, units);
    this.answers += 1;
    if (this.answers < enough) return 0;
    const sure = Math.max(0, this.least);
    this.taken = Math.max(0, this.taken - sure);
    this.begin();
    return sure;
  }

  /** As {@link SureSurplus.of}, and no more than answers took away. */
  backOf(units: number): number {
    const { taken } = this;
    return Math.min(taken, this.of(units));
  }

  clear(): void {
    this.taken = 0;
    this.begin();
  }

  private begin(): void {
    this.answers = 0;
    this.least = Infinity;
  }
}
