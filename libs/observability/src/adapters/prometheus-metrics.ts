import { collectDefaultMetrics, Gauge as PromGauge, Registry } from 'prom-client';
import type { Counter, Gauge, Histogram, SeriesOptions } from '../metrics.js';
import { Metrics } from '../metrics.js';
import { BucketHistogram } from './bucket-histogram.js';
import { TalliedCounter } from './tallied-counter.js';

/** A registry of its own, with the usual figures of the process (CPU, memory, event loop, garbage collection). */
export class PrometheusMetrics extends Metrics {
  readonly #registry = new Registry();
  readonly #series = new Map<string, { kind: string; series: unknown }>();
  readonly #collectors = new Map<string, ((gauge: Gauge) => void)[]>();

  constructor() {
    super();
    collectDefaultMetrics({ register: this.#registry });
  }

  override counter(options: SeriesOptions): Counter {
    return this.#once('counter', options.name, () => new TalliedCounter(this.#configuration(options)));
  }

  /** A gauge with a `collect` shows only what was set during the scrape: labels that are gone vanish. */
  override gauge(options: SeriesOptions, collect?: (gauge: Gauge) => void): Gauge {
    const gauge = this.#once('gauge', options.name, () => this.#newGauge(options));
    if (collect !== undefined) this.#collectors.get(options.name)?.push(collect);
    return gauge;
  }

  override histogram(options: SeriesOptions): Histogram {
    return this.#once('histogram', options.name, () => {
      const buckets = options.buckets === undefined ? {} : { buckets: [...options.buckets] };
      return new BucketHistogram({ ...this.#configuration(options), ...buckets });
    });
  }

  override async expose(): Promise<{ contentType: string; text: string }> {
    return { contentType: this.#registry.contentType, text: await this.#registry.metrics() };
  }

  #newGauge(options: SeriesOptions): Gauge {
    const collectors: ((gauge: Gauge) => void)[] = [];
    this.#collectors.set(options.name, collectors);
    const gauge = new PromGauge({
      ...this.#configuration(options),
      collect() {
        if (collectors.length > 0) this.reset();
        for (const collect of collectors) collect(series);
      },
    });
    const series: Gauge = { set: (value, labels = {}) => gauge.set(labels, value) };
    return series;
  }

  #configuration({ name, help, labels = [] }: SeriesOptions): {
    name: string;
    help: string;
    labelNames: string[];
    registers: Registry[];
  } {
    return { name, help, labelNames: [...labels], registers: [this.#registry] };
  }

  /** @throws RangeError when the name already belongs to a series of another kind */
  #once<Series>(kind: string, name: string, create: () => Series): Series {
    const known = this.#series.get(name);
    if (known !== undefined && known.kind !== kind) {
      throw new RangeError(`the metric ${name} is a ${known.kind} already, not a ${kind}`);
    }
    if (known !== undefined) return known.series as Series;
    const series = create();
    this.#series.set(name, { kind, series });
    return series;
  }
}
