import { isCallersFault } from '#kernel';
import type { FailureClass } from '#kernel';
import { isRecord, listAt, recordAt } from '../json-value.js';
import type { JsonRecord } from '../json-value.js';
import { ceilMs, readDuration, readInstant } from '../limits/clock-text.js';
import { headerText, readBuckets } from '../limits/limit-bucket.js';
import type { LimitBucket } from '../limits/limit-bucket.js';
import type { Evidence } from './evidence.js';
import { waitInText } from './wait-text.js';

const untilInstant = (instantMs: number | null, nowMs: number) =>
  instantMs === null ? null : Math.max(0, ceilMs(instantMs - nowMs));

const plainNumber = /^\s*\d+(?:\.\d+)?\s*$/;

/** A plain number, or a text that is one, in ms; `null` for anything else and for what no clock can hold. */
function finiteMs(value: unknown, factor: number): number | null {
  const amount = typeof value === 'string' && plainNumber.test(value) ? Number(value) : value;
  const ms = typeof amount === 'number' && amount >= 0 ? ceilMs(amount * factor) : NaN;
  return Number.isSafeInteger(ms) ? ms : null;
}

function fromHeaders({ headers }: Evidence, nowMs: number): number | null {
  const exactMs =
    finiteMs(headerText(headers, 'retry-after-ms'), 1) ??
    finiteMs(headerText(headers, 'x-ms-retry-after-ms'), 1);
  if (exactMs !== null) return exactMs;
  const text = headerText(headers, 'retry-after');
  // A bare number here is always seconds, however large.
  return text === null ? null : (finiteMs(text, 1_000) ?? untilInstant(readInstant(text, nowMs), nowMs));
}

const durationMs = (value: unknown) => finiteMs(typeof value === 'string' ? readDuration(value) : null, 1);

function fromDetails(record: JsonRecord): number | null {
  for (const detail of listAt(record, 'details')) {
    const waitMs = isRecord(detail) ? durationMs(detail['retryDelay']) : null;
    if (waitMs !== null) return waitMs;
  }
  return null;
}

/** Some relays hand the headers of the provider behind them on inside the body. */
function fromInnerHeaders(record: JsonRecord, nowMs: number): number | null {
  const inner = recordAt(recordAt(record, 'metadata'), 'headers');
  const lower = Object.fromEntries(
    Object.entries(inner).map(([name, value]) => [name.toLowerCase(), String(value)]),
  );
  const reset = lower['x-ratelimit-reset'];
  return (
    finiteMs(lower['retry-after'], 1_000) ??
    (reset === undefined ? null : untilInstant(readInstant(reset, nowMs), nowMs))
  );
}

function fromFields(record: JsonRecord, nowMs: number): number | null {
  const resetsAt = record['resets_at'];
  return (
    fromDetails(record) ??
    fromInnerHeaders(record, nowMs) ??
    finiteMs(record['retry_after_ms'], 1) ??
    finiteMs(record['retry_after'] ?? record['retry_after_seconds'], 1_000) ??
    finiteMs(record['resets_in_seconds'], 1_000) ??
    (typeof resetsAt === 'number' ? untilInstant(readInstant(String(resetsAt), nowMs), nowMs) : null)
  );
}

function fromBody({ records }: Evidence, nowMs: number): number | null {
  for (const record of records) {
    const waitMs = fromFields(record, nowMs);
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
  return resets.length === 0 ? null : untilInstant(Math.max(...resets), nowMs);
}

/**
 * How long the provider asked to wait, from the most exact source: headers, fields of the body, the reset of the empty
 * bucket, the text.
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
  const stated = fromHeaders(evidence, nowMs) ?? fromBody(evidence, nowMs);
  const isAboutTime = failure === 'rate_limited' || failure === 'quota_exhausted' || failure === 'overloaded';
  if (stated !== null || !isAboutTime) return stated;
  return fromBuckets(evidence, dialect, nowMs) ?? waitInText(evidence.message, nowMs);
}
