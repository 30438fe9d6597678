import { ceilMs, readDuration } from '../limits/clock-text.js';

const afterWords =
  /(?:try again|retry|reset|resets|replenished|available(?: again)?|wait)\s+(?:in|after|for)?\s*([\d:.]+)\s*([a-zµ]*[\d.a-zµ]*)/i;
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
  return text.split(':').reduce((seconds, part) => seconds * 60 + Number(part), 0) * 1_000;
}

function readAmount(amount: string, unit: string): number | null {
  const clockMs = readClock(amount);
  if (clockMs !== null) return clockMs;
  const durationMs = readDuration(amount + unit);
  if (durationMs !== null) return durationMs;
  const factor = msPerWord.find(([pattern]) => pattern.test(unit))?.[1];
  return factor === undefined || Number.isNaN(Number(amount)) ? null : Number(amount) * factor;
}

/** A full stop behind the time belongs to the sentence. */
const trimmed = (text: string | undefined) => (text ?? '').toLowerCase().replace(/\.$/, '');

/**
 * Finds the waiting time in a sentence: "try again in 1m26.4s", "retry after 45 seconds", "replenished in 00:14:44",
 * "regain access on 2026-10-01 at 00:00 UTC".
 *
 * @returns whole ms, 0 when the instant has passed; `null` when there is none
 */
export function waitInText(text: string, nowMs: number): number | null {
  const [, amount, unit] = afterWords.exec(text) ?? [];
  const waitMs = amount === undefined ? null : readAmount(trimmed(amount), trimmed(unit));
  if (waitMs !== null) return Number.isSafeInteger(ceilMs(waitMs)) ? ceilMs(waitMs) : null;
  const [, day, clock] = onDate.exec(text) ?? [];
  const instantMs = day === undefined ? NaN : Date.parse(`${day}T${clock}Z`);
  return Number.isNaN(instantMs) ? null : Math.max(0, ceilMs(instantMs - nowMs));
}
