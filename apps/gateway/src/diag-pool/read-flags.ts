import { parseArgs } from 'node:util';

/** What a run is asked to do. */
export interface Flags {
  /** Requests in all, 1 to 100,000. */
  readonly requests: number;
  /** Requests under way at once, 1 to 10,000. */
  readonly concurrency: number;
  /** `null`: a small model of the provider. */
  readonly model: string | null;
  readonly json: boolean;
}

/** What `--help` prints. */
export const usage = `Usage: npm run diag:pool -- [--requests 100] [--concurrency 100] [--model NAME] [--json]

Fires chat requests through the static pool (SIDE_POOL_KEYS) and prints per key: requests, share, failures,
cool-downs, latency; and for the pool: entropy of the distribution and errors. No database is needed.
`;

/** @returns `null` when help was asked for; @throws RangeError quoting a flag that is out of range */
export function readFlags(args: readonly string[]): Flags | null {
  const { values } = parseArgs({
    args: [...args],
    options: {
      requests: { type: 'string', default: '100' },
      concurrency: { type: 'string', default: '100' },
      model: { type: 'string' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return null;
  return {
    requests: count('--requests', values.requests, 100_000),
    concurrency: count('--concurrency', values.concurrency, 10_000),
    model: values.model ?? null,
    json: values.json,
  };
}

function count(flag: string, text: string, max: number): number {
  const value = Number(text);
  if (Number.isInteger(value) && value >= 1 && value <= max) return value;
  throw new RangeError(`${flag} ${text}: a whole number from 1 to ${max}`);
}
