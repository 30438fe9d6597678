/** What every call of a case looks like. */
export interface Workload {
  readonly name: string;
  /** Size of the request's JSON. */
  readonly bodyBytes: number;
  readonly stream: boolean;
  /** Chunks of a streamed answer, tokens of a plain one. */
  readonly outputTokens: number;
}

/** One row of the report. */
export interface BenchCase {
  readonly workload: Workload;
  /** Connections that each send the next call when the last one has ended. */
  readonly connections: number;
}

/** How much is measured. */
export interface BenchPlan {
  readonly cases: readonly BenchCase[];
  /** Times every subject is measured per case, in turns. */
  readonly rounds: number;
  readonly warmUpMs: number;
  readonly measureMs: number;
  /** Ends a measurement early. */
  readonly maxCalls: number;
}

const workloads: readonly Workload[] = [
  { name: 'chat, 1 KB', bodyBytes: 1_000, stream: false, outputTokens: 20 },
  { name: 'chat, 20 KB', bodyBytes: 20_000, stream: false, outputTokens: 20 },
  { name: 'stream, 50 chunks', bodyBytes: 1_000, stream: true, outputTokens: 50 },
];

const casesOf = (connections: readonly number[]): BenchCase[] =>
  workloads.flatMap((workload) => connections.map((count) => ({ workload, connections: count })));

/** About 6 minutes. */
export const fullPlan: BenchPlan = {
  cases: casesOf([32, 128]),
  rounds: 5,
  warmUpMs: 1_000,
  measureMs: 2_000,
  maxCalls: 100_000,
};

/** About a minute: shows the order of magnitude. */
export const quickPlan: BenchPlan = {
  ...fullPlan,
  cases: casesOf([32]),
  rounds: 3,
  warmUpMs: 1_000,
  measureMs: 1_000,
};

/** The request's JSON: a chat whose one message fills it up. */
export function requestBody({ bodyBytes, stream, outputTokens }: Workload, model: string): string {
  const body = (content: string): string =>
    JSON.stringify({
      model,
      messages: [
        { role: 'system', content: 'You are a helpful assistant.' },
        { role: 'user', content },
      ],
      max_tokens: outputTokens,
      ...(stream && { stream: true, stream_options: { include_usage: true } }),
    });
  const sentence = 'All work and no play makes a dull benchmark, said the gateway to the proxy. ';
  const empty = body('').length;
  return body(
    sentence.repeat(Math.ceil(bodyBytes / sentence.length)).slice(0, Math.max(0, bodyBytes - empty)),
  );
}
