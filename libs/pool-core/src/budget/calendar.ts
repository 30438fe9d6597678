const dayMs = 86_400_000;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** When the UTC day that an instant is in ends, ms since the epoch. */
export const dayEndMs = (nowMs: number): number => (Math.floor(nowMs / dayMs) + 1) * dayMs;

/** When the UTC month that an instant is in ends, ms since the epoch. Counts the months up, so ask once a month. */
export function monthEndMs(nowMs: number): number {
  let endDay = 0;
  for (let month = 0; ; month += 1) {
    endDay += daysOf(1970 + Math.floor(month / 12), month % 12);
    if (endDay * dayMs > nowMs) return endDay * dayMs;
  }
}

function daysOf(year: number, month: number): number {
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  return month === 1 && isLeap ? 29 : (monthDays[month] ?? NaN);
}
