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
 * epoch milliseconds (from 10^12), RFC 3339, an HTTP date.
 *
 * @returns whole ms since the epoch, possibly in the past; `null` when the text is unreadable
 */
export function readInstant(text: string, nowMs: number): number | null {
  const instantMs = readAnyInstant(text.trim(), nowMs);
  return Number.isSafeInteger(instantMs) ? instantMs : null;
}

function readAnyInstant(text: string, nowMs: number): number {
  if (/^\d+(?:\.\d+)?$/.test(text)) {
    const number = Number(text);
    if (number >= 1e12) return ceilMs(number);
    return ceilMs(number >= 1e9 ? number * 1_000 : nowMs + number * 1_000);
  }
  const fromNowMs = readDuration(text);
  if (fromNowMs !== null) return ceilMs(nowMs + fromNowMs);
  // Date.parse takes almost anything ("x 1" is a date): ask for a year and a clock first.
  return /\d{4}/.test(text) && /\d:\d/.test(text) ? Date.parse(text) : NaN;
}
