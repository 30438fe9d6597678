/** Times are promised by the second, as callers are told them. */
const slotMs = 1_000;
/** How far ahead anything is promised. */
const slots = 900;
/** Of what the pool serves in a second, what is promised; the rest is for those who come and wait. Measured: decision 0050. */
const promisedShare = 0.65;
/** How far ahead anything is promised, ms. */
export const promiseHorizonMs = slots * slotMs;

/** A time promised to a caller. */
export interface Promised {
  /** Ms since the epoch. */
  readonly fromMs: number;
  /** The second in which its work ends, counted since the epoch. */
  readonly slot: number;
  /** What the caller was promised in that second, load. */
  readonly load: number;
}

/** What is to be promised. */
export interface Wish {
  /** Of the call, times how likely it comes back. */
  readonly load: number;
  /** Not before, ms since the epoch. */
  readonly soonestMs: number;
  /** The promise that its caller was given last; `null` when none is open. Times of one caller never decrease. */
  readonly last: Promised | null;
  /** Of what is promised in a second, what its caller may have, in (0, 1]. */
  readonly share: number;
}

/**
 * What of the time to come is promised to callers who were refused. All promises together are no more than can be kept, and no caller
 * has all of a second.
 */
export class PromisedSlots {
  private readonly booked = new Float64Array(slots);
  /** The seconds before this one are over. */
  private current = 0;

  /**
   * Promises the first time at which there is still something to promise.
   *
   * @param perMs load served per ms, > 0
   * @returns `null` when all is promised as far ahead as anything is
   */
  book({ load, soonestMs, last, share }: Wish, perMs: number, nowMs: number): Promised | null {
    this.passUntil(Math.floor(nowMs / slotMs));
    const most = promisedShare * slotMs * perMs;
    const mostOfCaller = share * most;
    const hadIn = (slot: number): number => (slot === last?.slot ? last.load : 0);
    const roomIn = (slot: number): number =>
      Math.max(0, Math.min(most - this.bookedIn(slot), mostOfCaller - hadIn(slot)));
    const end = this.current + slots;
    let slot = Math.max(this.current, Math.floor(soonestMs / slotMs), last?.slot ?? 0);
    while (slot < end && roomIn(slot) === 0) slot += 1;
    if (slot >= end) return null;
    const beginsMs = slotMs * (slot + Math.min(1, this.bookedIn(slot) / most));
    const fromMs = Math.ceil(Math.max(soonestMs, beginsMs, last?.fromMs ?? 0));
    let left = load;
    for (let taken = Math.min(left, roomIn(slot)); ; taken = Math.min(left, roomIn(slot))) {
      this.booked[slot % slots] = this.bookedIn(slot) + taken;
      left -= taken;
      if (left <= 0 || slot + 1 >= end) return { fromMs, slot, load: hadIn(slot) + taken };
      slot += 1;
    }
  }

  private bookedIn(slot: number): number {
    return this.booked[slot % slots] as number;
  }

  private passUntil(slot: number): void {
    if (slot - this.current >= slots) this.booked.fill(0);
    else for (let over = this.current; over < slot; over += 1) this.booked[over % slots] = 0;
    this.current = Math.max(this.current, slot);
  }
}
