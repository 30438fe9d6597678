/** What a {@link Bag} holds. */
export interface Bagged {
  /** Where it lies in its bag; the bag's alone. */
  place: number;
}

/**
 * A set in no order, of things that know where they lie: putting in and taking out neither hashes nor allocates, once it has
 * been as full as it gets.
 */
export class Bag<Some extends Bagged> implements Iterable<Some> {
  private readonly things: (Some | null)[] = [];
  private count = 0;

  get size(): number {
    return this.count;
  }

  /** @param thing not in any bag yet */
  add(thing: Some): void {
    thing.place = this.count;
    this.things[this.count] = thing;
    this.count += 1;
  }

  /** @param thing in this bag */
  delete(thing: Some): void {
    this.count -= 1;
    const last = this.things[this.count] as Some;
    this.things[this.count] = null;
    if (last === thing) return;
    this.things[thing.place] = last;
    last.place = thing.place;
  }

  /** Nothing may be put in or taken out meanwhile. */
  *[Symbol.iterator](): Iterator<Some> {
    for (let at = 0; at < this.count; at += 1) yield this.things[at] as Some;
  }
}
