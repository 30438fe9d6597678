/** Calls that the usual load is taken over, about. */
const calls = 256;

/** How large a call is relative to those of late. Where all are alike, each is exactly 1. */
export class TurnSize {
  private usualLoad = 0;
  private usualSurplus = 0;
  private ended = 0;

  /** Load of a usual call, in the unit given; 0 before the first. */
  get usual(): number {
    return this.usualLoad;
  }

  /** @param load of one call, in any unit, > 0 */
  of(load: number): number {
    this.usualLoad = this.usualLoad === 0 ? load : this.usualLoad + (load - this.usualLoad) / calls;
    return load / this.usualLoad;
  }

  /**
   * What an account is to be charged for a call that has ended beside what was estimated. Where all estimates are wrong alike, that is
   * nothing, and turns stay as even as if they were right.
   *
   * @param surplus load it took less the load that was estimated
   */
  surprise(surplus: number): number {
    this.ended = Math.min(calls, this.ended + 1);
    this.usualSurplus += (surplus - this.usualSurplus) / this.ended;
    return surplus - this.usualSurplus;
  }
}
