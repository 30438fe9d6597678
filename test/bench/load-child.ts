import { createHistogram, performance, type RecordableHistogram } from 'node:perf_hooks';
import { Pool, type Dispatcher } from 'undici';
import { endWithBench, tellBench } from './bench-child.js';

/** One measurement. */
export interface LoadJob {
  readonly url: string;
  readonly headers: Record<string, string>;
  readonly body: string;
  readonly connections: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  readonly maxCalls: number;
}

/** What the generator says: when the measured part begins, and what came of it. */
export type LoadNews =
  | { readonly kind: 'measuring' }
  | {
      readonly kind: 'measured';
      readonly calls: number;
      readonly failures: number;
      readonly firstFailure: string | null;
      readonly durationMs: number;
      readonly p50Us: number;
      readonly p99Us: number;
    };

/** One call under way; counts bytes and looks no further. */
class Call implements Dispatcher.DispatchHandler {
  private status = 0;
  private bytes = 0;
  private readonly startedMs = performance.now();

  constructor(private readonly ended: (latencyMs: number, failure: string | null) => void) {}

  onRequestStart(): void {}

  onResponseStart(_controller: unknown, statusCode: number): void {
    this.status = statusCode;
  }

  onResponseData(_controller: unknown, chunk: Buffer): void {
    this.bytes += chunk.length;
  }

  onResponseEnd(): void {
    const good = this.status === 200 && this.bytes > 0;
    this.ended(performance.now() - this.startedMs, good ? null : `status ${this.status}`);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.ended(performance.now() - this.startedMs, error.message);
  }
}

/** Sends calls on every connection, one after the other, until stopped. */
class Load {
  private readonly pool: Pool;
  private readonly options: Dispatcher.DispatchOptions;
  private histogram: RecordableHistogram = createHistogram();
  private open = 0;
  private stopping = false;
  private onAllEnded: (() => void) | null = null;
  calls = 0;
  failures = 0;
  firstFailure: string | null = null;

  constructor({ url, headers, body, connections }: LoadJob) {
    const { origin, pathname } = new URL(url);
    this.pool = new Pool(origin, { connections, pipelining: 1 });
    const json = { 'content-type': 'application/json', ...headers };
    this.options = { path: pathname, method: 'POST', headers: json, body: Buffer.from(body) };
    for (let at = 0; at < connections; at++) this.sendNext();
  }

  /** Forgets what was counted so far. */
  startCounting(): void {
    this.histogram = createHistogram();
    this.calls = 0;
  }

  percentileUs(percent: number): number {
    return this.calls === 0 ? 0 : this.histogram.percentile(percent);
  }

  async stop(): Promise<void> {
    this.stopping = true;
    if (this.open > 0) await new Promise<void>((resolve) => (this.onAllEnded = resolve));
    await this.pool.destroy();
  }

  private sendNext(): void {
    this.open++;
    this.pool.dispatch(this.options, new Call(this.ended));
  }

  private readonly ended = (latencyMs: number, failure: string | null): void => {
    this.open--;
    this.calls++;
    this.histogram.record(Math.max(1, Math.round(latencyMs * 1000)));
    if (failure !== null) this.failures++;
    this.firstFailure ??= failure;
    if (!this.stopping) this.sendNext();
    else if (this.open === 0) this.onAllEnded?.();
  };
}

const sleep = (ms: number): Promise<void> => new Promise((resolve) => setTimeout(resolve, ms));

async function run(job: LoadJob): Promise<void> {
  const load = new Load(job);
  await sleep(job.warmUpMs);
  load.startCounting();
  const startedMs = performance.now();
  tellBench({ kind: 'measuring' } satisfies LoadNews);
  while (performance.now() - startedMs < job.measureMs && load.calls < job.maxCalls) await sleep(50);
  tellBench({
    kind: 'measured',
    calls: load.calls,
    failures: load.failures,
    firstFailure: load.firstFailure,
    durationMs: performance.now() - startedMs,
    p50Us: load.percentileUs(50),
    p99Us: load.percentileUs(99),
  } satisfies LoadNews);
  await load.stop();
  tellBench({ kind: 'measuring' } satisfies LoadNews);
}

endWithBench();
process.on('message', (job: LoadJob) => void run(job));
