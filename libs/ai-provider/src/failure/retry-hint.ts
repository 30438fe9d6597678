import { isCallersFault } from '#kernel';
import type { FailureClass } from '#kernel';
import { isRecord, listAt, recordAt } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';
import { ceilMs, readDuration, readInstant } from '../limits/clock-text.js';
import { headerText, readBuckets } from '../limits/limit-bucket.js';
import type { LimitBucket } from '../limits/limit-bucket.js';
import type { Evidence } from './evidence.js';
import { waitInText } from './wait-text.js';

/** The clock of the answer: ours, and the `Date` header, which puts instants of a skewed one right. */
interface AnswerClock {
  readonly nowMs: number;
  readonly date: string | null;
}

const plainNumber = /^\s*\d+(?:\.\d+)?\s*$/;

/** A plain number, or a text that is one, in ms; `null` for anything else and for what no clock can hold. */
function finiteMs(value: unknown, factor: number): number | null {
  const amount = typeof value === 'string' && plainNumber.test(value) ? Number(value) : value;
  const ms = typeof amount === 'number' && amount >= 0 ? ceilMs(amount * factor) : NaN;
  return Number.isSafeInteger(ms) ? ms : null;
}

function untilInstant(text: string, { nowMs, date }: AnswerClock): number | null {
  const instantMs = readInstant(text, nowMs, date);
  return instantMs === null ? null : Math.max(0, ceilMs(instantMs - nowMs));
}

/** A bare number is always seconds, however large; else a duration, an HTTP date, RFC 3339. */
const waitOf = (value: unknown, clock: AnswerClock): number | null =>
  finiteMs(value, 1_000) ?? (typeof value === 'string' ? untilInstant(value, clock) : null);

/** When it is told as a point in time: a text or an epoch in any unit. */
const instantOf = (value: unknown, clock: AnswerClock): number | null =>
  typeof value === 'string' || typeof value === 'number' ? untilInstant(String(value), clock) : null;

function fromHeaders({ headers }: Evidence, clock: AnswerClock): number | null {
  const exactMs =
    finiteMs(headerText(headers, 'retry-after-ms'), 1) ??
    finiteMs(headerText(headers, 'x-ms-retry-after-ms'), 1);
  if (exactMs !== null) return exactMs;
  const text = headerText(headers, 'retry-after');
  if (text === null) return null;
  const waitMs = waitOf(text, clock);
  if (waitMs !== null) return waitMs;
  // Two hops on the way may each have said one: the longer binds. (A date has a comma of its own, and was read.)
  const waits = text.split(/,\s*(?=\d)/).map((part) => waitOf(part, clock));
  const known = waits.filter((wait) => wait !== null);
  return known.length === 0 ? null : Math.max(...known);
}

function fromDetails(record: JsonRecord): number | null {
  for (const detail of listAt(record, 'details')) {
    const delay = isRecord(detail) ? detail['retryDelay'] : undefined;
    const waitMs = finiteMs(typeof delay === 'string' ? readDuration(delay) : null, 1);
    if (waitMs !== null) return waitMs;
  }
  return null;
}

/** Some relays hand the headers of the provider behind them on inside the body. */
function fromInnerHeaders(record: JsonRecord, clock: AnswerClock): number | null {
  const inner = recordAt(recordAt(record, 'metadata'), 'headers');
  const lower = Object.fromEntries(
    Object.entries(inner).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  return finiteMs(lower['retry-after'], 1_000) ?? instantOf(lower['x-ratelimit-reset'], clock);
}

const msFields = ['retry_after_ms', 'retryAfterMs'];
const waitFields = [
  'retry_after',
  'retryAfter',
  'retry_after_seconds',
  'retryAfterSeconds',
  'resets_in_seconds',
];
const instantFields = ['resets_at', 'reset_at', 'resetsAt', 'resetAt'];

function firstOf(
  record: JsonRecord,
  fields: readonly string[],
  read: (value: unknown) => number | null,
): number | null {
  for (const field of fields) {
    const waitMs = read(record[field]);
    if (waitMs !== null) return waitMs;
  }
  return null;
}

const fromFields = (record: JsonRecord, clock: AnswerClock): number | null =>
  fromDetails(record) ??
  fromInnerHeaders(record, clock) ??
  firstOf(record, msFields, (value) => finiteMs(value, 1)) ??
  firstOf(record, waitFields, (value) => waitOf(value, clock)) ??
  firstOf(record, instantFields, (value) => instantOf(value, clock));

function fromBody({ records }: Evidence, clock: AnswerClock): number | null {
  for (const record of records) {
    const waitMs = fromFields(record, clock) ?? fromFields(recordAt(record, 'metadata'), clock);
    if (waitMs !== null) return waitMs;
  }
  return null;
}

/** The latest reset among the buckets that are empty: only then can this request pass. */
function fromBuckets(evidence: Evidence, dialect: readonly LimitBucket[], nowMs: number): number | null {
  const resets = readBuckets(evidence.headers, dialect, nowMs)
    .filter((reading) => reading.remaining === 0)
    .map((reading) => reading.resetAtMs)
    .filter((resetAtMs) => resetAtMs !== null);
  return resets.length === 0 ? null : Math.max(0, ceilMs(Math.max(...resets) - nowMs));
}

/**
 * How long the provider asked to wait, from the most exact source: headers, fields of the body, the reset of the empty
 * bucket, the text. An instant is taken by the clock of the provider, as its `Date` header tells it.
 *
 * @returns whole ms, 0 when the instant has passed; `null` when there is no hint or waiting does not help
 */
export function retryHint(
  failure: FailureClass,
  evidence: Evidence,
  dialect: readonly LimitBucket[],
  nowMs: number,
): number | null {
  if (isCallersFault(failure) || failure === 'authentication' || failure === 'model_unavailable') return null;
  const clock = { nowMs, date: headerText(evidence.headers, 'date') };
  const stated = fromHeaders(evidence, clock) ?? fromBody(evidence, clock);
  const isAboutTime = failure === 'rate_limited' || failure === 'quota_exhausted' || failure === 'overloaded';
  if (stated !== null || !isAboutTime) return stated;
  return fromBuckets(evidence, dialect, nowMs) ?? waitInText(evidence.message, nowMs, clock.date);
}
