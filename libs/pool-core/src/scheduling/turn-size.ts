/** Calls that the usual load is taken over, about. */
const calls = 256;

/** How large a call is relative to those of late. Where all are alike, each is exactly 1. */
export class TurnSize {
  private usualLoad = 0;

  /** @param load of one call, in any unit, > 0 */
  of(load: number): number {
    this.usualLoad = this.usualLoad === 0 ? load : this.usualLoad + (load - this.usualLoad) / calls;
    return load / this.usualLoad;
  }
}
