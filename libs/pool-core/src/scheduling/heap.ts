/** What a {@link Heap} orders: the lowest rank first, among equals the lowest order. */
export interface Ordered {
  rank: number;
  order: number;
  /** Where it sits in its heap; the heap's alone. -1 while it is in none. */
  position: number;
}

/** Items there is room for at first. */
const firstRoom = 16;

/**
 * Binary heap that knows where each item sits: anything in it can be moved or taken out in logarithmic time. What is compared
 * lies side by side, apart from the items: of thousands of items few are near the processor.
 */
export class Heap<Some extends Ordered> {
  private readonly sorted: Some[] = [];
  /** Rank and order of the item at each position. */
  private ranks = new Float64Array(firstRoom);
  private orders = new Float64Array(firstRoom);

  /** All of them; only the first is in order. */
  get items(): readonly Some[] {
    return this.sorted;
  }

  get first(): Some | undefined {
    return this.sorted[0];
  }

  add(item: Some): void {
    const { length } = this.sorted;
    if (length === this.orders.length) this.grow();
    this.sorted.push(item);
    this.rise(item, length);
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
    const { rank, order } = item;
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.isBehind(parent, rank, order)) break;
      this.moveTo(position, parent);
      position = parent;
    }
    this.put(item, position);
  }

  private sink(item: Some, from: number): void {
    const { rank, order } = item;
    const { length } = this.sorted;
    let position = from;
    for (let child = 2 * position + 1; child < length; child = 2 * position + 1) {
      const right = child + 1;
      if (right < length && this.isBehind(child, this.ranks[right] as number, this.orders[right] as number))
        child = right;
      if (!this.isAhead(child, rank, order)) break;
      this.moveTo(position, child);
      position = child;
    }
    this.put(item, position);
  }

  private isBehind(position: number, rank: number, order: number): boolean {
    const own = this.ranks[position] as number;
    return own === rank ? (this.orders[position] as number) > order : own > rank;
  }

  private isAhead(position: number, rank: number, order: number): boolean {
    const own = this.ranks[position] as number;
    return own === rank ? (this.orders[position] as number) < order : own < rank;
  }

  private moveTo(position: number, from: number): void {
    const item = this.sorted[from] as Some;
    this.sorted[position] = item;
    this.ranks[position] = this.ranks[from] as number;
    this.orders[position] = this.orders[from] as number;
    item.position = position;
  }

  private put(item: Some, position: number): void {
    this.sorted[position] = item;
    this.ranks[position] = item.rank;
    this.orders[position] = item.order;
    item.position = position;
  }

  private grow(): void {
    const { ranks, orders } = this;
    this.ranks = new Float64Array(2 * ranks.length);
    this.ranks.set(ranks);
    this.orders = new Float64Array(2 * orders.length);
    this.orders.set(orders);
  }
}
