import type { Random } from '#kernel';

/** A provider that asks for less is not believed: the next call would be refused again. */
const shortestHintMs = 1_000;
/** A provider that asks for more is not believed either, unless a daily or monthly limit is used up. */
const longestHintMs = 30 * 60_000;
const longestCalendarHintMs = 31 * 24 * 60 * 60_000;
/** Chance moves a rest by this share in both directions, so that accounts and replicas do not return together. */
const jitter = 0.2;
/** A call that is under way for this many times the time of a refusal, and for at least that long, was accepted. */
const patience = 4;
const leastPatienceMs = 200;

/**
 * How long to rest the n-th time in a row: `baseMs`, doubled each time, moved by chance by up to 20 %.
 *
 * @param times 1 for the first
 * @returns ms, at most `maxMs`
 */
export function doublingRestMs(baseMs: number, maxMs: number, times: number, random: Random): number {
  return growingRestMs(baseMs * 2 ** Math.min(times - 1, 50), maxMs, random);
}

/**
 * How long a circuit stays open the n-th time in a row: `baseMs`, a tenth more each time, moved by chance by up to 20 %.
 * So an account is tried again after about a tenth of the time it has been out, and back in use as soon after.
 *
 * @param times 1 for the first
 * @returns ms, at most `maxMs`
 */
export function openRestMs(baseMs: number, maxMs: number, times: number, random: Random): number {
  return growingRestMs(baseMs * 1.1 ** Math.min(times - 1, 1_000), maxMs, random);
}

/**
 * After what time a call that is still under way was not refused: so nobody has to wait for the end of an answer to know.
 *
 * @param refusalMs how long a refusal took
 * @returns ms, at least 200
 */
export function acceptedAfterMs(refusalMs: number): number {
  return Math.max(leastPatienceMs, patience * refusalMs);
}

function growingRestMs(meantMs: number, maxMs: number, random: Random): number {
  return Math.min(maxMs, Math.min(maxMs, meantMs) * (1 - jitter + 2 * jitter * random()));
}

/** A provider's hint made sane: at least 1 s, at most 30 min or, for a limit per day or month, 31 days. */
export function believedHintMs(hintMs: number, isCalendarLimit: boolean): number {
  const longestMs = isCalendarLimit ? longestCalendarHintMs : longestHintMs;
  return Math.min(longestMs, Math.max(shortestHintMs, hintMs));
}
