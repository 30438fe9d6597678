/** What a {@link Heap} orders: the lowest rank first, among equals the lowest order. */
export interface Ordered {
  rank: number;
  order: number;
  /** Where it sits in its heap; the heap's alone. -1 while it is in none. */
  position: number;
}

/** Binary heap that knows where each item sits: anything in it can be moved or taken out in logarithmic time. */
export class Heap<Some extends Ordered> {
  private readonly sorted: Some[] = [];

  /** All of them; only the first is in order. */
  get items(): readonly Some[] {
    return this.sorted;
  }

  get first(): Some | undefined {
    return this.sorted[0];
  }

  add(item: Some): void {
    this.sorted.push(item);
    this.rise(item, this.sorted.length - 1);
  }

  remove(item: Some): void {
    const { position } = item;
    item.position = -1;
    const last = this.sorted.pop() as Some;
    if (last !== item) this.settle(last, position);
  }

  /** To be called when the rank or order of an item has changed. */
  moved(item: Some): void {
    this.settle(item, item.position);
  }

  private settle(item: Some, position: number): void {
    this.rise(item, position);
    if (item.position === position) this.sink(item, position);
  }

  private rise(item: Some, from: number): void {
    let position = from;
    while (position > 0) {
      const parent = this.sorted[(position - 1) >> 1] as Some;
      if (!isBefore(item, parent)) break;
      this.place(parent, position);
      position = (position - 1) >> 1;
    }
    this.place(item, position);
  }

  private sink(item: Some, from: number): void {
    const { sorted } = this;
    let position = from;
    for (let child = 2 * position + 1; child < sorted.length; child = 2 * position + 1) {
      const left = sorted[child] as Some;
      const right = sorted[child + 1];
      const least = right !== undefined && isBefore(right, left) ? right : left;
      if (!isBefore(least, item)) break;
      const { position: freed } = least;
      this.place(least, position);
      position = freed;
    }
    this.place(item, position);
  }

  private place(item: Some, position: number): void {
    this.sorted[position] = item;
    item.position = position;
  }
}

function isBefore(a: Ordered, b: Ordered): boolean {
  return a.rank === b.rank ? a.order < b.order : a.rank < b.rank;
}
