import type { NanoUsd } from '#kernel';
import type { UsageAttempt, UsageRecord } from '../usage-record.js';

/** The columns of `usage_records`, and so the fields of a journal line, with their Postgres types. */
export const usageColumns = {
  id: 'uuid',
  at: 'timestamptz',
  api_key_id: 'text',
  provider: 'text',
  account_id: 'text',
  model: 'text',
  upstream_model: 'text',
  operation: 'text',
  status: 'integer',
  attempts: 'jsonb',
  input_tokens: 'bigint',
  cached_input_tokens: 'bigint',
  output_tokens: 'bigint',
  reasoning_tokens: 'bigint',
  cost_nano_usd: 'bigint',
  latency_ms: 'integer',
  first_byte_ms: 'integer',
  stream: 'boolean',
  tags: 'jsonb',
} as const;

type Line = Record<keyof typeof usageColumns, unknown>;

const longestText = 256;
const mostTags = 32;
const mostAttempts = 32;
const largestCount = 1_000_000_000_000;
const largestMs = 2_147_483_647;

/**
 * Writes a record as one line of JSON, which Postgres reads as it is. What callers and providers chose (names, tags,
 * counts) is cut to size, and characters that Postgres cannot store are replaced: no record may stop those behind it.
 *
 * @returns at most 128 KiB in UTF-8, newline included
 */
export function usageLine(usage: UsageRecord, costNanoUsd: NanoUsd | null): string {
  const { tokens } = usage;
  const line: Line = {
    id: usage.id,
    at: isoTime(usage.atMs),
    api_key_id: usage.apiKeyId,
    provider: clip(usage.provider),
    account_id: usage.accountId,
    model: clip(usage.model),
    upstream_model: clip(usage.upstreamModel),
    operation: usage.operation,
    status: usage.status,
    attempts: usage.attempts.slice(0, mostAttempts).map(attemptOf),
    input_tokens: whole(tokens.input, largestCount),
    cached_input_tokens: whole(tokens.cachedInput, largestCount),
    output_tokens: whole(tokens.output, largestCount),
    reasoning_tokens: whole(tokens.reasoning, largestCount),
    cost_nano_usd: costNanoUsd === null ? null : costNanoUsd.toString(),
    latency_ms: whole(usage.latencyMs, largestMs),
    first_byte_ms: usage.firstByteMs === null ? null : whole(usage.firstByteMs, largestMs),
    stream: usage.stream,
    tags: clipTags(usage.tags),
  };
  return `${storable(JSON.stringify(line))}\n`;
}

let lastSecond = { startMs: NaN, text: '' };

/** As `Date` writes it, which costs as much as half a line: calls of one second share all but the last digits. */
function isoTime(atMs: number): string {
  const sinceSecondMs = Math.trunc(atMs) - lastSecond.startMs;
  if (!(sinceSecondMs >= 0 && sinceSecondMs < 1000)) {
    const text = new Date(atMs).toISOString();
    lastSecond = { startMs: Math.floor(atMs / 1000) * 1000, text: text.slice(0, -4) };
    return text;
  }
  return `${lastSecond.text}${String(sinceSecondMs).padStart(3, '0')}Z`;
}

function attemptOf({ accountId, provider, status, class: failure, latencyMs }: UsageAttempt): UsageAttempt {
  return { accountId, provider, status, class: failure, latencyMs: whole(latencyMs, largestMs) };
}

function clipTags(tags: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const entries = Object.entries(tags);
  if (entries.length === 0) return tags;
  const kept = entries.slice(0, mostTags);
  return Object.fromEntries(kept.map(([name, value]) => [clip(name), clip(value)]));
}

function clip<Text extends string | null>(text: Text): Text | string {
  return text !== null && text.length > longestText ? text.slice(0, longestText) : text;
}

/** Not a number, or less than nothing, is nothing. */
const whole = (value: number, most: number): number => (value > 0 ? Math.min(Math.round(value), most) : 0);

/** NUL and lone surrogates, as JSON escapes them; pairs of backslashes are matched to be skipped. */
const unstorable = /(\\\\)|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

function storable(json: string): string {
  if (!json.includes('\\')) return json;
  return json.replace(unstorable, (_match, backslashes: string | undefined) => backslashes ?? '\ufffd');
}
