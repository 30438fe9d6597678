/** Something an account keeps. */
export interface Kept {
  /** The collection it lies in. */
  readonly kind: string;
  /** As the provider shows it. */
  readonly shown: Readonly<Record<string, unknown>>;
  /** What was uploaded, or came out; absent where there is nothing but what is shown. */
  readonly content?: Buffer;
}

const mostThings = 10_000;

/** What one account keeps and hands out by id; of more than 10,000 things the oldest is gone. */
export class Shelf {
  readonly #things = new Map<string, Kept>();

  put(id: string, thing: Kept): void {
    this.#things.set(id, thing);
    const [oldest] = this.#things.keys();
    if (this.#things.size > mostThings && oldest !== undefined) this.#things.delete(oldest);
  }

  get(kind: string, id: string): Kept | undefined {
    const thing = this.#things.get(id);
    return thing?.kind === kind ? thing : undefined;
  }

  /** All of a collection, newest first. */
  all(kind: string): readonly Kept[] {
    return [...this.#things.values()].filter((thing) => thing.kind === kind).reverse();
  }

  drop(id: string): void {
    this.#things.delete(id);
  }
}
