import type { LimitedUnit, LimitReading } from '#kernel';
import type { CallTokens } from '../ask.js';
import type { Reservation } from '../reservation.js';
import type { WindowName } from './account-windows.js';

const perMinute: Record<LimitedUnit, WindowName> = {
  requests: 'rpm',
  tokens: 'tpm',
  input_tokens: 'itpm',
  output_tokens: 'otpm',
};
const perDay: Partial<Record<LimitedUnit, WindowName>> = { requests: 'rpd', tokens: 'tpd' };
/** A reset further away than this is no minute's. */
const longestMinuteMs = 5 * 60_000;

/**
 * Lets the windows of an account learn what an answer said about its limits: wrong configuration and traffic from
 * elsewhere are known before the first 429. Windows that are not kept (second, hour, month) are passed over.
 *
 * @param reservation released already
 * @param used what it was released with
 */
export function learnFromHeaders(
  reservation: Reservation,
  used: CallTokens,
  readings: readonly LimitReading[],
  nowMs: number,
): void {
  const { account, charges, takenAtMs } = reservation;
  for (const reading of readings) {
    const name = windowOf(reading, nowMs);
    if (name === undefined) continue;
    const charge = charges.find(({ window }) => window.name === name);
    account.windows.correct(
      name,
      (window) => ({
        limit: reading.limit,
        remaining: reading.remaining,
        sentMs: takenAtMs,
        charged: charge?.amount ?? 0,
        othersSpent: Math.max(0, window.spent - (charge?.spentBefore ?? window.spent) - window.costOf(used)),
      }),
      nowMs,
    );
  }
}

function windowOf({ unit, window, resetAtMs }: LimitReading, nowMs: number): WindowName | undefined {
  if (window === 'minute') return perMinute[unit];
  if (window === 'day') return perDay[unit];
  if (window !== null) return undefined;
  return resetAtMs !== null && resetAtMs - nowMs > longestMinuteMs ? perDay[unit] : perMinute[unit];
}
