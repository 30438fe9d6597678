import { Agent, request, type IncomingMessage } from 'node:http';

/** A stream to be read. */
export interface StreamJob {
  readonly url: string;
  readonly key: string;
  readonly body: string;
  /** Reads the beginning and then nothing more. */
  readonly stalls: boolean;
}

const agent = new Agent({ maxSockets: Infinity });

/** One client of a stream: how far it got, and how long it waited for more. */
export class StreamClient {
  bytes = 0;
  chunks = 0;
  /** The longest silence between two chunks, ms. */
  longestGapMs = 0;
  /** Why it is no good; `null` while all is well. */
  fault: string | null = null;
  readonly begun = Promise.withResolvers<void>();
  readonly ended = Promise.withResolvers<void>();
  private lastMs = 0;
  private tail = '';
  private readonly outgoing;

  constructor(private readonly job: StreamJob) {
    const headers = { authorization: `Bearer ${job.key}`, 'content-type': 'application/json' };
    this.outgoing = request(job.url, { method: 'POST', agent, headers }, (response) => this.read(response));
    this.outgoing.on('error', (error) => this.end(error.message));
    this.outgoing.end(job.body);
  }

  /** Goes away. */
  leave(): void {
    this.outgoing.destroy();
  }

  private read(response: IncomingMessage): void {
    if (response.statusCode !== 200) this.fault = `status ${response.statusCode}`;
    this.begun.resolve();
    if (this.job.stalls) return void response.pause();
    response.on('data', (chunk: Buffer) => this.note(chunk));
    response.on('end', () => this.end(this.tail.includes('[DONE]') ? null : 'no end'));
    response.on('error', (error) => this.end(error.message));
  }

  private note(chunk: Buffer): void {
    const nowMs = performance.now();
    if (this.chunks > 0) this.longestGapMs = Math.max(this.longestGapMs, nowMs - this.lastMs);
    this.lastMs = nowMs;
    this.chunks++;
    this.bytes += chunk.length;
    this.tail = chunk.toString('latin1', Math.max(0, chunk.length - 32));
  }

  private end(fault: string | null): void {
    this.fault ??= fault;
    this.begun.resolve();
    this.ended.resolve();
  }
}

/** Jain's index of fairness: 1 when all got as much, 1/n when one got everything. */
export function fairness(shares: readonly number[]): number {
  const sum = shares.reduce((total, share) => total + share, 0);
  const squares = shares.reduce((total, share) => total + share * share, 0);
  return squares === 0 ? 1 : (sum * sum) / (shares.length * squares);
}

/** The value below which this share of the values lies, 0 to 1. */
export function quantile(values: readonly number[], share: number): number {
  const sorted = values.toSorted((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * share))] ?? 0;
}
