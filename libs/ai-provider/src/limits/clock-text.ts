import { clockSkewMs } from './clock-skew.js';

const msPerUnit: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};
const durationPart = /(\d+(?:\.\d+)?)(ns|us|µs|ms|s|m|h|d)/y;

/** Rounds up to whole milliseconds, but not for the dust of floating point: 9.816 s are 9,816 ms, 0 is no -0. */
export const ceilMs = (ms: number): number => Math.ceil(ms - 1e-6) + 0;

/**
 * Reads a duration like `6m0s`, `1m26.4s`, `12ms`, `0.479417207s`.
 *
 * @returns milliseconds, fractions possible; `null` when the text is something else
 */
export function readDuration(text: string): number | null {
  let totalMs = 0;
  durationPart.lastIndex = 0;
  do {
    const part = durationPart.exec(text);
    if (part === null) return null;
    totalMs += Number(part[1]) * (msPerUnit[part[2] ?? ''] ?? 0);
  } while (durationPart.lastIndex < text.length);
  return totalMs;
}

/**
 * Reads an instant in any of the ways providers write one: a duration or seconds from now, epoch seconds (from 10^9),
 * milliseconds (from 10^12), microseconds (from 10^15) or nanoseconds (from 10^18), RFC 3339, an HTTP date.
 *
 * @param date the `Date` header of the answer, by which an instant of a skewed clock is put right; `null` for none
 * @returns whole ms since the epoch on our clock, possibly in the past; `null` when the text is unreadable
 */
export function readInstant(text: string, nowMs: number, date: string | null = null): number | null {
  const trimmed = text.trim();
  const fromNowMs = readWait(trimmed);
  const instantMs = fromNowMs === null ? readAbsolute(trimmed) + clockSkewMs(date, nowMs) : nowMs + fromNowMs;
  const wholeMs = ceilMs(instantMs);
  return Number.isSafeInteger(wholeMs) ? wholeMs : null;
}

const plainNumber = /^\d+(?:\.\d+)?$/;

/** A time from now, ms; `null` for anything else. */
function readWait(text: string): number | null {
  if (!plainNumber.test(text)) return readDuration(text);
  return Number(text) < 1e9 ? Number(text) * 1_000 : null;
}

/** `NaN` when it is none. */
function readAbsolute(text: string): number {
  if (plainNumber.test(text)) return epochMs(Number(text));
  // Date.parse takes almost anything ("x 1" is a date): ask for a date and a clock first.
  if (!/\d{4}|\d-[a-z]{3}-\d\d/i.test(text) || !/\d:\d\d/.test(text)) return NaN;
  // Without a zone it would be read in that of this process.
  const hasZone = /(?:[a-z]|[+-]\d\d:?\d\d)$/i.test(text);
  if (hasZone) return Date.parse(text);
  return Date.parse(/^\d{4}-/.test(text) ? `${text.replace(' ', 'T')}Z` : `${text} GMT`);
}

function epochMs(number: number): number {
  if (number >= 1e18) return number / 1e6;
  if (number >= 1e15) return number / 1e3;
  return number >= 1e12 ? number : number * 1_000;
}
