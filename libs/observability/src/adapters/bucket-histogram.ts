import { Histogram as PromHistogram, type HistogramConfiguration } from 'prom-client';
import type { Histogram, Labels } from '../metrics.js';
import { LabelTree } from './label-tree.js';

/** What prom-client takes when none are given. */
const usualBounds = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];

interface Observations {
  /** By bucket, each without those below; the last is for what exceeds all bounds. */
  readonly counts: Float64Array;
  sum: number;
}

/** One line of a scrape, in prom-client's form. */
interface ExposedValue {
  readonly metricName: string;
  readonly labels: Readonly<Record<string, string | number>>;
  readonly sharedLabels: Labels;
  readonly value: number;
}

/**
 * A histogram that counts in plain arrays. prom-client's hashes labels and writes the bucket's bound out as a text for every
 * observation; here it checks names, and stands in the registry.
 */
export class BucketHistogram implements Histogram {
  readonly #bounds: readonly number[];
  readonly #observations: LabelTree<Observations>;

  constructor(configuration: HistogramConfiguration<string>) {
    const { name, labelNames = [], buckets = usualBounds } = configuration;
    const registered = new RegisteredHistogram(configuration, () => this.#exposed(name));
    this.#bounds = buckets;
    this.#observations = new LabelTree(labelNames, (labels) => {
      registered.labels(labels);
      return { counts: new Float64Array(buckets.length + 1), sum: 0 };
    });
    if (labelNames.length === 0) this.#observations.at({});
  }

  /**
   * @throws TypeError when the value is no finite number
   * @throws Error when a combination of labels is new and has one that the series has not
   */
  observe(value: number, labels: Labels = {}): void {
    if (!Number.isFinite(value)) throw new TypeError(`${value} cannot be counted in buckets`);
    const observations = this.#observations.at(labels);
    observations.counts[this.#bucketOf(value)]! += 1;
    observations.sum += value;
  }

  #bucketOf(value: number): number {
    let bucket = 0;
    while (value > (this.#bounds[bucket] ?? Infinity)) bucket += 1;
    return bucket;
  }

  #exposed(name: string): ExposedValue[] {
    return this.#observations.leaves.flatMap(({ labels, kept }) => {
      const line = (series: string, own: ExposedValue['labels'], value: number): ExposedValue => ({
        metricName: `${name}_${series}`,
        labels: own,
        sharedLabels: labels,
        value,
      });
      let count = 0;
      const buckets = Array.from(kept.counts, (own, bucket) => {
        count += own;
        return line('bucket', { le: this.#bounds[bucket] ?? '+Inf' }, count);
      });
      return [...buckets, line('sum', {}, kept.sum), line('count', {}, count)];
    });
  }
}

/** Exposes values that are counted elsewhere. */
class RegisteredHistogram extends PromHistogram {
  constructor(
    private readonly configuration: HistogramConfiguration<string>,
    private readonly values: () => ExposedValue[],
  ) {
    super(configuration);
  }

  /** What the registry asks of a histogram, and what prom-client's own `get` is made from. */
  getForPromString(): Promise<{ name: string; help: string; type: string; values: ExposedValue[] }> {
    const { name, help } = this.configuration;
    return Promise.resolve({ name, help, type: 'histogram', values: this.values() });
  }
}
