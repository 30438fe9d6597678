/** A `Date` header tells whole seconds, and the answer was on its way: less than this is no skew, ms. */
const tolerableMs = 2_000;

let lastText = '';
let lastMs = NaN;

/** Many answers come within one second: the same text is read once. */
function dateMs(text: string): number {
  if (text !== lastText) {
    lastText = text;
    lastMs = Date.parse(text);
  }
  return lastMs;
}

/**
 * What to add to an instant of the provider's clock to have it on ours, by the `Date` header of its answer: a wait that is told as
 * an instant is then as long as the provider meant it, whichever clock is wrong.
 *
 * @param date the `Date` header; `null` when there was none
 * @returns ms, negative when the provider's clock is ahead; 0 for less than 2 s, and for a header that is unreadable
 */
export function clockSkewMs(date: string | null, nowMs: number): number {
  const skewMs = date === null ? NaN : nowMs - dateMs(date);
  return Math.abs(skewMs) >= tolerableMs ? skewMs : 0;
}
