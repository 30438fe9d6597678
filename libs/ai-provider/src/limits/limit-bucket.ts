import type { LimitedUnit, LimitReading } from '#kernel';
import type { AnswerHeaders } from '../contract/provider-adapter.js';
import { readInstant } from './clock-text.js';

/** One limit of a provider and the headers that tell of it; a dialect is a list of these. */
export interface LimitBucket {
  readonly unit: LimitedUnit;
  readonly window: LimitReading['window'];
  /** Header names in lower case; `null` where the provider sends none. */
  readonly limit: string | null;
  readonly remaining: string | null;
  readonly reset: string | null;
}

/** The value of a header as one text; several are joined by commas. */
export function headerText(headers: AnswerHeaders, name: string | null): string | null {
  const value = name === null ? undefined : headers[name];
  if (value === undefined) return null;
  return typeof value === 'string' ? value : value.join(',');
}

/** A count; of several joined by commas (two hops on the way) the smallest, which binds. */
function readCount(text: string | null): number | null {
  if (text === null || text === '') return null;
  const only = Number(text);
  if (only >= 0) return Number.isFinite(only) ? only : null;
  const counts = text
    .split(',')
    .filter((part) => part.trim() !== '')
    .map(Number);
  const least = Math.min(...counts);
  return Number.isFinite(least) && least >= 0 ? least : null;
}

/** What an answer says about one bucket; `null` when it says nothing. */
function readBucket(headers: AnswerHeaders, bucket: LimitBucket, nowMs: number): LimitReading | null {
  const limit = readCount(headerText(headers, bucket.limit));
  const remaining = readCount(headerText(headers, bucket.remaining));
  const reset = headerText(headers, bucket.reset);
  const resetAtMs = reset === null ? null : readInstant(reset, nowMs, headerText(headers, 'date'));
  if (limit === null && remaining === null && resetAtMs === null) return null;
  return { unit: bucket.unit, window: bucket.window, limit, remaining, resetAtMs };
}

/** Reads all buckets of a dialect; an empty list means that the answer says nothing about limits. */
export function readBuckets(
  headers: AnswerHeaders,
  dialect: readonly LimitBucket[],
  nowMs: number,
): readonly LimitReading[] {
  const readings: LimitReading[] = [];
  for (const bucket of dialect) {
    const reading = readBucket(headers, bucket, nowMs);
    if (reading !== null) readings.push(reading);
  }
  return readings;
}
