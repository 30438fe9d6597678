import { UsageRecorder } from '../usage-record.js';
import type { UsageSeries } from './usage-series.js';

/** Without a database: records are counted and forgotten. */
export class CountingRecorder extends UsageRecorder {
  constructor(private readonly series: UsageSeries) {
    super();
  }

  record(): void {
    this.series.records.increment({ stage: 'recorded' });
  }
}
