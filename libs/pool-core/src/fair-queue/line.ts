/** A list kept in the order of a number; equal ones stay in the order in which they came. */
export class Line<Some> {
  readonly places: Some[] = [];

  constructor(private readonly keyOf: (one: Some) => number) {}

  get length(): number {
    return this.places.length;
  }

  insert(one: Some): void {
    this.places.splice(this.firstAfter(this.keyOf(one)), 0, one);
  }

  /** @returns whether it was there */
  remove(one: Some): boolean {
    const key = this.keyOf(one);
    for (let at = this.firstAfter(key) - 1; at >= 0; at -= 1) {
      const other = this.places[at] as Some;
      if (other === one) this.places.splice(at, 1);
      if (other === one || this.keyOf(other) < key) return other === one;
    }
    return false;
  }

  private firstAfter(key: number): number {
    let [low, high] = [0, this.places.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (this.keyOf(this.places[middle] as Some) <= key) low = middle + 1;
      else high = middle;
    }
    return low;
  }
}
