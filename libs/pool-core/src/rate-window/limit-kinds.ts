import type { LimitedUnit, LimitReading } from '#kernel';
import type { AccountLimits, RefusalReason } from '../account.js';
import type { WindowKind } from './rate-window.js';

/** Limits that people may configure and that are counted over time. */
type ConfiguredName = Exclude<keyof AccountLimits, 'maxConcurrency'>;
/** Limits that only headers tell: per second, hour and month. */
type LearntName = 'rps' | 'tps' | 'rph' | 'tph' | 'rpmonth' | 'tpmonth';
/** The limits that are counted over time. */
export type WindowName = ConfiguredName | LearntName;

/** One such limit, and how people hear of it. */
export interface LimitKind extends WindowKind<WindowName> {
  readonly reason: RefusalReason;
}

const secondMs = 1_000;
const minuteMs = 60 * secondMs;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;
const monthMs = 30 * dayMs;
const requests = { perRequest: 1, perInputToken: 0, perOutputToken: 0 } as const;
const tokens = { perRequest: 0, perInputToken: 1, perOutputToken: 1 } as const;
const inputTokens = { perRequest: 0, perInputToken: 1, perOutputToken: 0 } as const;
const outputTokens = { perRequest: 0, perInputToken: 0, perOutputToken: 1 } as const;

/** In the order in which they are checked. Those that only headers tell are reported as the limit next to them. */
export const limitKinds: Readonly<Record<WindowName, LimitKind>> = {
  rpm: { name: 'rpm', reason: 'rpm', windowMs: minuteMs, ...requests },
  tpm: { name: 'tpm', reason: 'tpm', windowMs: minuteMs, ...tokens },
  itpm: { name: 'itpm', reason: 'itpm', windowMs: minuteMs, ...inputTokens },
  otpm: { name: 'otpm', reason: 'otpm', windowMs: minuteMs, ...outputTokens },
  rpd: { name: 'rpd', reason: 'rpd', windowMs: dayMs, ...requests },
  tpd: { name: 'tpd', reason: 'tpd', windowMs: dayMs, ...tokens },
  rps: { name: 'rps', reason: 'rpm', windowMs: secondMs, ...requests },
  tps: { name: 'tps', reason: 'tpm', windowMs: secondMs, ...tokens },
  rph: { name: 'rph', reason: 'rpd', windowMs: hourMs, ...requests },
  tph: { name: 'tph', reason: 'tpd', windowMs: hourMs, ...tokens },
  rpmonth: { name: 'rpmonth', reason: 'rpd', windowMs: monthMs, ...requests },
  tpmonth: { name: 'tpmonth', reason: 'tpd', windowMs: monthMs, ...tokens },
};

/** The limits that people may configure. */
export const configuredNames: readonly ConfiguredName[] = ['rpm', 'tpm', 'itpm', 'otpm', 'rpd', 'tpd'];

type Span = NonNullable<LimitReading['window']>;

const nameOf: Readonly<Record<LimitedUnit, Partial<Readonly<Record<Span, WindowName>>>>> = {
  requests: { second: 'rps', minute: 'rpm', hour: 'rph', day: 'rpd', month: 'rpmonth' },
  tokens: { second: 'tps', minute: 'tpm', hour: 'tph', day: 'tpd', month: 'tpmonth' },
  input_tokens: { minute: 'itpm' },
  output_tokens: { minute: 'otpm' },
};
/** A reset further away than this is no minute's. */
const longestMinuteMs = 5 * minuteMs;

/** Which limit an answer speaks of; `undefined` when it is none that is kept. */
export function limitOfReading(
  { unit, window, resetAtMs }: LimitReading,
  nowMs: number,
): WindowName | undefined {
  if (window !== null) return nameOf[unit][window];
  const isLong = resetAtMs !== null && resetAtMs - nowMs > longestMinuteMs;
  return nameOf[unit][isLong ? 'day' : 'minute'];
}
