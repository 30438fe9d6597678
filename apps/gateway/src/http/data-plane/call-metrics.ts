import { Injectable } from '@nestjs/common';
import type { Operation } from '#ai-provider';
import { Metrics, type Counter, type Histogram } from '#observability';

const buckets = [0.01, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 300];

/** Counts and times the calls of the data plane. */
@Injectable()
export class CallMetrics {
  private readonly calls: Counter;
  private readonly durations: Histogram;

  constructor(metrics: Metrics) {
    this.calls = metrics.counter({
      name: 'pool_calls_total',
      help: 'Calls of the data plane by the status the caller got',
      labels: ['operation', 'status'],
    });
    this.durations = metrics.histogram({
      name: 'pool_call_duration_seconds',
      help: 'From the end of the request to the end of the answer',
      labels: ['operation'],
      buckets,
    });
  }

  note(operation: Operation, status: number, durationMs: number): void {
    this.calls.increment({ operation, status: String(status) });
    this.durations.observe(durationMs / 1000, { operation });
  }
}
