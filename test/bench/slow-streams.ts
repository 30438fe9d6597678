import { setTimeout as sleep } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startGateway, type BenchGateway } from './gateway.js';
import { statsOf, type ProcessStats } from './process-stats.js';
import { fairness, quantile, StreamClient, type StreamJob } from './slow-readers.js';
import { slowPaceMs, startUpstream, upstreamNames } from './upstream.js';

/** One line of the table: what was measured, and what it has to be. */
interface Figure {
  readonly name: string;
  readonly value: string;
  readonly bar: string;
  readonly holds: boolean;
}

const mib = (bytes: number): number => bytes / 1_048_576;
const sampleMs = 250;

/** Watches the memory of a process. */
class Watch {
  peakBytes = 0;
  private readonly timer;
  private readonly before: ProcessStats;

  constructor(private readonly pid: number) {
    this.before = statsOf(pid);
    this.timer = setInterval(() => this.look(), sampleMs);
  }

  /** @returns CPU since the beginning, us */
  stop(): number {
    clearInterval(this.timer);
    return this.look().cpuUs - this.before.cpuUs;
  }

  private look(): ProcessStats {
    const stats = statsOf(this.pid);
    this.peakBytes = Math.max(this.peakBytes, stats.rssBytes);
    return stats;
  }
}

function jobFor(gateway: BenchGateway, provider: string, tokens: number, stalls: boolean): StreamJob {
  const messages = [{ role: 'user', content: 'Tell me something long, and take your time.' }];
  const body = JSON.stringify({
    model: `${provider}/gpt-4o-mini`,
    messages,
    stream: true,
    max_tokens: tokens,
  });
  return { url: `${gateway.url}/v1/chat/completions`, key: gateway.apiKey, body, stalls };
}

/** So many new connections at once, that no queue of the system overflows. */
const together = 50;

async function open(count: number, job: StreamJob): Promise<StreamClient[]> {
  const clients: StreamClient[] = [];
  while (clients.length < count) {
    const next = Array.from(
      { length: Math.min(together, count - clients.length) },
      () => new StreamClient(job),
    );
    await Promise.all(next.map(({ begun }) => begun.promise));
    clients.push(...next);
  }
  return clients;
}

const faultsOf = (clients: readonly StreamClient[]): string[] =>
  clients.flatMap(({ fault }) => (fault === null ? [] : [fault]));

/** Many streams at a slow pace: memory, silences beyond the pace, how alike they get on. Silences mean little on a busy machine. */
async function slowStreams(gateway: BenchGateway, count: number, tokens: number): Promise<Figure[]> {
  const idleBytes = statsOf(gateway.pid).rssBytes;
  const watch = new Watch(gateway.pid);
  const clients = await open(count, jobFor(gateway, upstreamNames.slow, tokens, false));
  const startedBytes = clients.map(({ bytes }) => bytes);
  await sleep((tokens * slowPaceMs) / 4);
  // While all of them run.
  const progress = clients.map(({ bytes }, at) => bytes - (startedBytes[at] ?? 0));
  await Promise.all(clients.map(({ ended }) => ended.promise));
  const cpuUs = watch.stop();
  const chunks = clients.reduce((sum, client) => sum + client.chunks, 0);
  const lateMs = clients.map(({ longestGapMs }) => longestGapMs - slowPaceMs);
  const faults = faultsOf(clients);
  const peak = mib(watch.peakBytes);
  const jain = fairness(progress);
  const longest = Math.max(...lateMs);
  return [
    figure('streams that failed', faults.length, 0, `of ${count} ${faults[0] ?? ''}`),
    { name: 'memory before', value: `${mib(idleBytes).toFixed(0)} MiB`, bar: '', holds: true },
    figure('memory at most', peak, 400, 'MiB'),
    figure('memory a stream', (peak - mib(idleBytes)) * (1_024 / count), Infinity, 'KiB'),
    figure('longest silence beyond the pace', longest, 1_000, 'ms'),
    figure('the same, 99 of 100 streams', quantile(lateMs, 0.99), 500, 'ms'),
    { name: 'fairness (Jain)', value: jain.toFixed(4), bar: '>= 0.99', holds: jain >= 0.99 },
    figure('CPU a chunk', cpuUs / chunks, Infinity, 'us'),
  ];
}

/** Readers that stop, of streams that do not: memory, and how the others get on. */
async function stalledReaders(gateway: BenchGateway, count: number): Promise<Figure[]> {
  const beforeBytes = statsOf(gateway.pid).rssBytes;
  const watch = new Watch(gateway.pid);
  const stalled = await open(count, jobFor(gateway, upstreamNames.flood, floodTokens, true));
  const others = await open(count, jobFor(gateway, upstreamNames.slow, 20, false));
  await Promise.all(others.map(({ ended }) => ended.promise));
  watch.stop();
  const faults = faultsOf([...others, ...stalled]);
  for (const client of stalled) client.leave();
  const peak = mib(watch.peakBytes);
  const grown = watch.peakBytes - beforeBytes;
  const longest = Math.max(...others.map(({ longestGapMs }) => longestGapMs - slowPaceMs));
  return [
    figure('others that failed', faults.length, 0, `of ${2 * count} ${faults[0] ?? ''}`),
    figure('memory at most', peak, 400, 'MiB'),
    figure('memory a stalled reader', grown / count / 1_024, Infinity, 'KiB'),
    figure('longest silence of the others', longest, 1_000, 'ms'),
  ];
}

/** 100,000 chunks are 25 MB: what is not held back shows. */
const floodTokens = 100_000;

const figure = (name: string, value: number, most: number, unit: string): Figure => ({
  name,
  value: `${value.toFixed(0)} ${unit}`.trim(),
  bar: most === Infinity ? '' : `<= ${most}`,
  holds: value <= most,
});

function print(title: string, figures: readonly Figure[]): void {
  process.stdout.write(`\n${title}\n`);
  for (const { name, value, bar, holds } of figures) {
    process.stdout.write(
      `  ${name.padEnd(34)}${value.padStart(16)}   ${bar.padEnd(9)}${holds ? '' : ' MISSED'}\n`,
    );
  }
  if (figures.some(({ holds }) => !holds)) process.exitCode = 1;
}

const { values } = parseArgs({
  options: {
    streams: { type: 'string', default: '1000' },
    stalled: { type: 'string', default: '100' },
    /** Of each slow stream; two a second. */
    tokens: { type: 'string', default: '60' },
  },
});
const upstream = await startUpstream();
try {
  const gateway = await startGateway(upstream.url, []);
  try {
    const count = Number(values.streams);
    print(`${count} slow streams`, await slowStreams(gateway, count, Number(values.tokens)));
    print(`${values.stalled} readers that stall`, await stalledReaders(gateway, Number(values.stalled)));
  } finally {
    await gateway.stop();
  }
} finally {
  await upstream.stop();
}
