import { clockSkewMs } from '../limits/clock-skew.js';
import { ceilMs, readDuration } from '../limits/clock-text.js';

/** Up to six parts, such as "1h2m3.5s", "1 hour, 2 minutes and 3 seconds", "00:14:44". */
const afterWords =
  /(?:try again|retry|reset|resets|replenished|available(?: again)?|wait)\s+(?:(?:in|after|for)\s*)?((?:[\d:.]+\s*[a-zµ]*(?:,\s*|\s+and\s+|\s+)?){1,6})/i;
const part = /([\d:.]+)\s*([a-zµ]*)/gi;
const onDate =
  /(?:\bon|\bat|\buntil)\s+(\d{4}-\d\d-\d\d)(?:\s+(?:at\s+)?|t)(\d\d:\d\d(?::\d\d)?)\s*(?:utc|z|gmt)/i;

const msPerWord: readonly (readonly [RegExp, number])[] = [
  [/^(ms|milliseconds?)$/, 1],
  [/^(|s|secs?|seconds?)$/, 1_000],
  [/^(m|mins?|minutes?)$/, 60_000],
  [/^(h|hrs?|hours?)$/, 3_600_000],
  [/^(d|days?)$/, 86_400_000],
];

/** `hh:mm:ss` or `mm:ss`. */
function readClock(text: string): number | null {
  if (!/^\d+(:\d\d){1,2}$/.test(text)) return null;
  return text.split(':').reduce((seconds, piece) => seconds * 60 + Number(piece), 0) * 1_000;
}

function readPart(amount: string, unit: string): number | null {
  const clockMs = readClock(amount) ?? readDuration(amount + unit);
  if (clockMs !== null) return clockMs;
  const factor = msPerWord.find(([pattern]) => pattern.test(unit))?.[1];
  return factor === undefined || amount === '' || Number.isNaN(Number(amount))
    ? null
    : Number(amount) * factor;
}

/** Adds the parts up until one is no time: what stands behind belongs to the sentence. */
function readParts(text: string): number | null {
  let totalMs: number | null = null;
  for (const [, amount = '', unit = ''] of text.matchAll(part)) {
    // A full stop behind the time belongs to the sentence too.
    const waitMs = readPart(amount.replace(/\.$/, ''), unit.toLowerCase());
    if (waitMs === null) break;
    totalMs = (totalMs ?? 0) + waitMs;
  }
  return totalMs;
}

/**
 * Finds the waiting time in a sentence: "try again in 1m26.4s", "retry after 45 seconds", "replenished in 00:14:44",
 * "regain access on 2026-10-01 at 00:00 UTC".
 *
 * @param date the `Date` header of the answer, by which an instant of a skewed clock is put right
 * @returns whole ms, 0 when the instant has passed; `null` when there is none
 */
export function waitInText(text: string, nowMs: number, date: string | null = null): number | null {
  const [, time] = afterWords.exec(text) ?? [];
  const waitMs = time === undefined ? null : readParts(time);
  if (waitMs !== null) return Number.isSafeInteger(ceilMs(waitMs)) ? ceilMs(waitMs) : null;
  const [, day, clock] = onDate.exec(text) ?? [];
  const instantMs = day === undefined ? NaN : Date.parse(`${day}T${clock}Z`) + clockSkewMs(date, nowMs);
  return Number.isNaN(instantMs) ? null : Math.max(0, ceilMs(instantMs - nowMs));
}
