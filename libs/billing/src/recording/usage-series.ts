import type { Counter, Gauge, Metrics } from '#observability';

/** What became of records. */
export interface UsageSeries {
  /** `recorded` when a call ended, `stored` when in the ledger, `duplicate` when it was there already. */
  readonly records: Counter;
  /** Records that are in no ledger; `corrupt` and `refused` ones are set aside in a file. */
  readonly dropped: Counter;
}

/** Registers the series of records. */
export function usageSeries(metrics: Metrics): UsageSeries {
  return {
    records: metrics.counter({
      name: 'pool_usage_records_total',
      help: 'Usage records by how far they came: recorded, stored, duplicate.',
      labels: ['stage'],
    }),
    dropped: metrics.counter({
      name: 'pool_usage_records_dropped_total',
      help: 'Usage records that did not reach the ledger, by reason.',
      labels: ['reason'],
    }),
  };
}

/** Registers what waits to be written, read at each scrape. */
export function waitingSeries(metrics: Metrics, waiting: { onDisk(): number; inMemory(): number }): Gauge {
  return metrics.gauge(
    {
      name: 'pool_usage_journal_bytes',
      help: 'Usage records that are not in the ledger yet, by where they wait.',
      labels: ['place'],
    },
    (gauge) => {
      gauge.set(waiting.onDisk(), { place: 'disk' });
      gauge.set(waiting.inMemory(), { place: 'memory' });
    },
  );
}
