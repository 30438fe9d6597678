import { Counter as PromCounter, type CounterConfiguration } from 'prom-client';
import type { Counter, Labels } from '../metrics.js';
import { LabelTree } from './label-tree.js';

/** A counter that adds up in plain numbers and tells prom-client at each scrape, which hashes labels on every call. */
export class TalliedCounter implements Counter {
  readonly #tallies: LabelTree<{ pending: number }>;
  readonly #counter: PromCounter;

  constructor(configuration: CounterConfiguration<string>) {
    this.#counter = new PromCounter({ ...configuration, collect: () => this.#settle() });
    this.#tallies = new LabelTree(configuration.labelNames ?? [], (labels) => {
      this.#counter.inc(labels, 0);
      return { pending: 0 };
    });
  }

  /**
   * @param by at least 0
   * @throws Error when it is not, or when a combination of labels is new and has one that the series has not
   */
  increment(labels: Labels = {}, by = 1): void {
    if (!(by >= 0 && by < Infinity)) throw new RangeError(`a counter cannot go up by ${by}`);
    this.#tallies.at(labels).pending += by;
  }

  #settle(): void {
    for (const { labels, kept } of this.#tallies.leaves) {
      this.#counter.inc(labels, kept.pending);
      kept.pending = 0;
    }
  }
}
