const minuteMs = 60_000;
/** What sums of fractions may be off by. */
const roundingMs = 1e-6;

/**
 * What was spent of a limit a minute, and decays at that limit: after a pause the whole limit may be spent at once, then as
 * much as decays. Of a minute after a pause up to twice the limit can be spent, as with the providers' own limits.
 */
export interface Spent {
  /** May be above the limit, where a call came to more than was foreseen. */
  amount: number;
  /** Until when it has decayed, ms since the epoch. */
  atMs: number;
}

/**
 * Lets it decay until now; a clock that was set back changes nothing.
 *
 * @param perMinute `null`: there is no limit, and nothing is kept for a later one
 */
export function decay(spent: Spent, perMinute: number | null, nowMs: number): void {
  const elapsedMs = Math.max(0, nowMs - spent.atMs);
  spent.amount = perMinute === null ? 0 : Math.max(0, spent.amount - (elapsedMs * perMinute) / minuteMs);
  spent.atMs = Math.max(spent.atMs, nowMs);
}

/** How long until `amount` more, at most the whole limit, can be spent; whole ms, 0: now. */
export function waitMs({ amount: spent }: Spent, perMinute: number, amount: number): number {
  const excess = spent + Math.min(amount, perMinute) - perMinute;
  return Math.max(0, Math.ceil((excess * minuteMs) / perMinute - roundingMs));
}
