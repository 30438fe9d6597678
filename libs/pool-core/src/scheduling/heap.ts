/** Items there is room for at first. */
const firstRoom = 16;

/**
 * Binary heap of seats, numbers from 0: lowest rank first, among equals the lowest order. It knows where each seat stands, so any
 * can be moved or taken out in logarithmic time. What is compared lies side by side: among thousands of seats, objects would be far
 * from the processor.
 */
export class Heap {
  private seats = new Int32Array(firstRoom);
  /** Rank and order of the seat at each position. */
  private ranks = new Float64Array(firstRoom);
  private orders = new Float64Array(firstRoom);
  private count = 0;

  /** @param positions where each seat stands in the heaps that share this: it is in one of them at most */
  constructor(private readonly positions: Int32Array) {}

  get length(): number {
    return this.count;
  }

  /** The seat that comes first; `undefined` when there is none. */
  get first(): number | undefined {
    return this.count === 0 ? undefined : this.seats[0];
  }

  /** Order of the first; `Infinity` when there is none. */
  get firstOrder(): number {
    return this.count === 0 ? Infinity : (this.orders[0] as number);
  }

  /** The seat at a position; only the one at 0 is in order. */
  seatAt(position: number): number {
    return this.seats[position] as number;
  }

  rankAt(position: number): number {
    return this.ranks[position] as number;
  }

  orderAt(position: number): number {
    return this.orders[position] as number;
  }

  has(seat: number): boolean {
    const position = this.positions[seat] as number;
    return position < this.count && this.seats[position] === seat;
  }

  /** @param seat in none of the heaps that share positions */
  add(seat: number, rank: number, order: number): void {
    if (this.count === this.seats.length) this.grow();
    this.put(seat, rank, order, this.count);
    this.count += 1;
    this.rise(this.count - 1);
  }

  /** @param seat in this heap */
  remove(seat: number): void {
    const position = this.positions[seat] as number;
    this.count -= 1;
    if (position === this.count) return;
    this.putFrom(this.count, position);
    this.settle(position);
  }

  /** Gives a seat of this heap another rank or order. */
  move(seat: number, rank: number, order: number): void {
    const position = this.positions[seat] as number;
    this.put(seat, rank, order, position);
    this.settle(position);
  }

  private settle(position: number): void {
    const seat = this.seatAt(position);
    this.rise(position);
    if (this.seatAt(position) === seat) this.sink(position);
  }

  // What is moved is read from where it is: numbers with fractions that are handed on would be allocated.
  private rise(from: number): void {
    const seat = this.seatAt(from);
    const rank = this.rankAt(from);
    const order = this.orderAt(from);
    let position = from;
    while (position > 0) {
      const parent = (position - 1) >> 1;
      if (!this.isBehind(parent, rank, order)) break;
      this.putFrom(parent, position);
      position = parent;
    }
    this.put(seat, rank, order, position);
  }

  private sink(from: number): void {
    const seat = this.seatAt(from);
    const rank = this.rankAt(from);
    const order = this.orderAt(from);
    const { count } = this;
    let position = from;
    for (let child = 2 * position + 1; child < count; child = 2 * position + 1) {
      const right = child + 1;
      if (right < count && this.isBehind(child, this.rankAt(right), this.orderAt(right))) child = right;
      if (!this.isAhead(child, rank, order)) break;
      this.putFrom(child, position);
      position = child;
    }
    this.put(seat, rank, order, position);
  }

  private isBehind(position: number, rank: number, order: number): boolean {
    const own = this.rankAt(position);
    return own === rank ? this.orderAt(position) > order : own > rank;
  }

  private isAhead(position: number, rank: number, order: number): boolean {
    const own = this.rankAt(position);
    return own === rank ? this.orderAt(position) < order : own < rank;
  }

  private putFrom(from: number, position: number): void {
    this.put(this.seatAt(from), this.rankAt(from), this.orderAt(from), position);
  }

  private put(seat: number, rank: number, order: number, position: number): void {
    this.seats[position] = seat;
    this.ranks[position] = rank;
    this.orders[position] = order;
    this.positions[seat] = position;
  }

  private grow(): void {
    const { seats, ranks, orders } = this;
    this.seats = new Int32Array(2 * seats.length);
    this.seats.set(seats);
    this.ranks = new Float64Array(2 * ranks.length);
    this.ranks.set(ranks);
    this.orders = new Float64Array(2 * orders.length);
    this.orders.set(orders);
  }
}
