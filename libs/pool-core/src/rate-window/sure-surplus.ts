/** Answers in a row that must say so. */
const enough = 16;

/**
 * How much more is left than was thought, for sure, where the provider holds what calls may use: what it gives back is large, and
 * a single answer may count it twice. The least that several answers in a row say is not moved by that.
 */
export class SureSurplus {
  private answers = 0;
  private least = Infinity;

  /** @param units more than thought by one answer; negative: less. @returns what is sure by now; 0 or less when nothing */
  of(units: number): number {
    this.least = Math.min(this.least, units);
    this.answers += 1;
    if (this.answers < enough) return 0;
    const { least } = this;
    this.clear();
    return least;
  }

  clear(): void {
    this.answers = 0;
    this.least = Infinity;
  }
}
