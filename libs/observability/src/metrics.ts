/** Fixed, low-cardinality labels of one series. */
export type Labels = Readonly<Record<string, string>>;

/** Counts up. */
export interface Counter {
  increment(labels?: Labels, by?: number): void;
}

/** Goes up and down. */
export interface Gauge {
  set(value: number, labels?: Labels): void;
}

/** Counts values in buckets. */
export interface Histogram {
  observe(value: number, labels?: Labels): void;
}

/** What a series is called and what it tells. */
export interface SeriesOptions {
  /** Prometheus name with its unit last: `pool_call_duration_seconds`. */
  readonly name: string;
  readonly help: string;
  readonly labels?: readonly string[];
  /** Upper bounds, for histograms. */
  readonly buckets?: readonly number[];
}

/** Where figures go. Port; the default adapter keeps a Prometheus registry. Asking twice for a name gives the same series. */
export abstract class Metrics {
  abstract counter(options: SeriesOptions): Counter;
  /** @param collect called before each scrape, to set values that are read rather than counted */
  abstract gauge(options: SeriesOptions, collect?: (gauge: Gauge) => void): Gauge;
  abstract histogram(options: SeriesOptions): Histogram;
  /** The Prometheus text of all series. */
  abstract expose(): Promise<{ readonly contentType: string; readonly text: string }>;
}
