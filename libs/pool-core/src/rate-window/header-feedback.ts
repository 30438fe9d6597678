import type { LimitedUnit, LimitReading } from '#kernel';
import type { CallTokens, Reservation } from '../reservation.js';
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
  if (readings.length === 0) return;
  for (const reading of readings) {
    const name = windowOf(reading, nowMs);
    if (name !== undefined) learn(reservation, name, used, reading, nowMs);
  }
  reservation.account.windows.findLimited();
}

function learn(
  { account, charges, takenAtMs }: Reservation,
  name: WindowName,
  used: CallTokens,
  { limit, remaining }: LimitReading,
  nowMs: number,
): void {
  const window = account.windows.byName(name);
  const charge = charges.find((one) => one.window === window);
  const cost = window.costOf(used.input, used.output);
  const othersSpent = charge === undefined ? 0 : Math.max(0, window.spent - charge.spentBefore - cost);
  window.correct({ limit, remaining, sentMs: takenAtMs, charged: charge?.amount ?? 0, othersSpent }, nowMs);
}

function windowOf({ unit, window, resetAtMs }: LimitReading, nowMs: number): WindowName | undefined {
  if (window === 'minute') return perMinute[unit];
  if (window === 'day') return perDay[unit];
  if (window !== null) return undefined;
  return resetAtMs !== null && resetAtMs - nowMs > longestMinuteMs ? perDay[unit] : perMinute[unit];
}
