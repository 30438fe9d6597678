import type { ModelPage } from '../contract/provider-adapter.js';

/** Far beyond any provider's list; bounds what a broken server can make us keep. */
const mostModels = 5_000;
const mostPages = 50;
const longestName = 256;

/** Puts the pages of a list of models together; a list without end ends at a bound. */
export class ModelList {
  /** Where the next page begins; `null` before the first and when no more is wanted. */
  next: string | null = null;
  private readonly names = new Set<string>();
  private pages = 0;

  /** Each name once, in the order of the alphabet. */
  get models(): readonly string[] {
    return [...this.names].sort();
  }

  add({ models, next }: ModelPage): void {
    this.pages += 1;
    for (const name of models) {
      if (this.names.size >= mostModels) break;
      if (name !== '' && name.length <= longestName) this.names.add(name);
    }
    const goesOn = this.pages < mostPages && this.names.size < mostModels && next !== this.next;
    this.next = goesOn ? next : null;
  }
}
