import type { NanoUsd } from '#kernel';
import type { UsageAttempt, UsageRecord } from '../usage-record.js';

/** The columns of `usage_records` with their Postgres types, and so the places of a journal line, in this order. */
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

const longestText = 256;
const mostTags = 32;
const mostAttempts = 32;
const largestCount = 1_000_000_000_000;
const largestMs = 2_147_483_647;

/**
 * Writes a record as one line: a JSON array with a place for each of {@link usageColumns}, which Postgres reads as it is;
 * the time is in ms since the epoch. What callers and providers chose (names, tags, counts) is cut to size, and
 * characters that Postgres cannot store are replaced: no record may stop those behind it.
 *
 * Written place by place: `JSON.stringify` of an object costs four times as much, and this is done for every call.
 *
 * @returns at most 128 KiB in UTF-8, newline included
 * @throws RangeError when the time is no number: better no record than one in a wrong month
 */
export function usageLine(usage: UsageRecord, costNanoUsd: NanoUsd | null): string {
  const { tokens } = usage;
  return (
    `[${quoted(usage.id)},${instant(usage.atMs)},${name(usage.apiKeyId)},` +
    `${name(usage.provider)},${name(usage.accountId)},${name(usage.model)},${name(usage.upstreamModel)},` +
    `${name(usage.operation)},${whole(usage.status, largestMs)},${attemptsOf(usage.attempts)},` +
    `${whole(tokens.input, largestCount)},${whole(tokens.cachedInput, largestCount)},` +
    `${whole(tokens.output, largestCount)},${whole(tokens.reasoning, largestCount)},${costNanoUsd},` +
    `${whole(usage.latencyMs, largestMs)},${wholeOrNull(usage.firstByteMs)},${usage.stream},` +
    `${tagsOf(usage.tags)}]\n`
  );
}

function instant(atMs: number): number {
  if (Number.isFinite(atMs)) return Math.trunc(atMs);
  throw new RangeError(`the time of a usage record is ${atMs}`);
}

function attemptsOf(attempts: readonly UsageAttempt[]): string {
  let list = '';
  for (const attempt of attempts.slice(0, mostAttempts)) {
    const { accountId, provider, status, class: failure, latencyMs } = attempt;
    list +=
      `${list === '' ? '' : ','}{"accountId":${name(accountId)},"provider":${name(provider)},` +
      `"status":${wholeOrNull(status)},"class":${name(failure)},"latencyMs":${whole(latencyMs, largestMs)}}`;
  }
  return `[${list}]`;
}

function tagsOf(tags: Readonly<Record<string, string>>): string {
  if (!hasMembers(tags)) return '{}';
  const kept = Object.entries(tags)
    .slice(0, mostTags)
    .map(([key, value]) => `${quoted(key)}:${quoted(value)}`);
  return `{${kept.join(',')}}`;
}

/** Most calls have no tags: making a list to see that costs more than looking. */
function hasMembers(tags: object): boolean {
  for (const key in tags) if (Object.hasOwn(tags, key)) return true;
  return false;
}

/** Names come again with every call: what they look like in JSON is remembered. */
const knownNames = new Map<string, string>();
const mostKnownNames = 2_000;

function name(text: string | null): string {
  if (text === null) return 'null';
  const known = knownNames.get(text);
  if (known !== undefined) return known;
  const json = quoted(text);
  if (text.length > longestText) return json;
  if (knownNames.size >= mostKnownNames) knownNames.clear();
  knownNames.set(text, json);
  return json;
}

/** What stands in JSON as it is. */
const plain = /^[ !#-[\]-~]*$/;
/** NUL and lone surrogates, as JSON escapes them; pairs of backslashes are matched to be skipped. */
const unstorable = /(\\\\)|\\u(?:0000|d[89a-f][0-9a-f]{2})/g;

function quoted(text: string): string {
  if (text.length <= longestText && plain.test(text)) return `"${text}"`;
  const json = JSON.stringify(text.length > longestText ? text.slice(0, longestText) : text);
  if (!json.includes('\\')) return json;
  return json.replace(unstorable, (_match, backslashes: string | undefined) => backslashes ?? '\ufffd');
}

/** Not a number, or less than nothing, is nothing. */
const whole = (value: number, most: number): number => (value > 0 ? Math.min(Math.round(value), most) : 0);

const wholeOrNull = (value: number | null): number | null =>
  value === null ? null : whole(value, largestMs);
