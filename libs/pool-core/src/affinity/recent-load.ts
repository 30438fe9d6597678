/** Half of what an account carried counts no more after this long: as long as providers keep a prompt warm. */
const halfLifeMs = 5 * 60_000;
/** A load carried evenly for long counts as what is carried in this time. */
export const memoryMs = halfLifeMs / Math.LN2;

/** What an account has carried of late; fades by itself. */
export class RecentLoad {
  private load = 0;
  private updatedMs = 0;

  /** Load, worth less the longer ago it was carried. */
  at(nowMs: number): number {
    if (this.load === 0 || nowMs <= this.updatedMs) return this.load;
    return this.load * 2 ** ((this.updatedMs - nowMs) / halfLifeMs);
  }

  add(load: number, nowMs: number): void {
    this.load = this.at(nowMs) + load;
    this.updatedMs = Math.max(this.updatedMs, nowMs);
  }
}
