/** The last `size` entries, oldest first. */
export class Ring<T> {
  readonly #entries: T[] = [];
  #next = 0;

  constructor(private readonly size: number) {}

  push(entry: T): void {
    if (this.size === 0) return;
    this.#entries[this.#next] = entry;
    this.#next = (this.#next + 1) % this.size;
  }

  toArray(): readonly T[] {
    if (this.#entries.length < this.size) return [...this.#entries];
    return [...this.#entries.slice(this.#next), ...this.#entries.slice(0, this.#next)];
  }
}
