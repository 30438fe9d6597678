import { entropy } from './scheduling/entropy.js';
import type { SelectionStrategy } from './scheduling/strategy.js';

/** How long an account rests after a 429 without a hint: `baseMs`, doubling with each one in a row up to `maxMs`. */
export interface CoolDownOptions {
  /** First cool-down, > 0. Default 1,000. */
  readonly baseMs: number;
  /** Longest cool-down, >= `baseMs`. Default 300,000. */
  readonly maxMs: number;
}

/** When the circuit of an account opens and for how long. */
export interface BreakerOptions {
  /** How far back failures count, > 0. Default 60,000. */
  readonly windowMs: number;
  /** Calls in the window below which it never opens, >= 1. Default 5. */
  readonly minimumCalls: number;
  /** Share of failed calls that opens it, in (0, 1]. Default 0.5. */
  readonly failureRatio: number;
  /** Permission failures in the window that open it, >= 1. Default 3. */
  readonly permissionFailures: number;
  /** First time open, > 0; a tenth more with each failed probe. Default 2,500. */
  readonly openMs: number;
  /** Longest time open, >= `openMs`. Default 600,000. */
  readonly maxOpenMs: number;
}

/** When 429s are the provider's and no account's: several accounts limited at once and no success between them. */
export interface SharedLimitOptions {
  /** Different accounts limited, >= 2. Default 3. */
  readonly accounts: number;
  /** Within this span, > 0. Default 2,000. */
  readonly withinMs: number;
  /** Then one call is tried in this span, > 0; the first few one after the other. Default 500. */
  readonly probeEveryMs: number;
}

/** When failures are the provider's and no account's: calls in a row failed on several accounts, and so did all begun in between. */
export interface OutageOptions {
  /** Different accounts that failed, >= 2. Default 3. */
  readonly accounts: number;
  /** Failed calls in a row, whole, >= `accounts`, at most 1,000. Default 5. */
  readonly calls: number;
  /** Within this span, > 0. Default 10,000. */
  readonly withinMs: number;
  /** Then one call is tried in this span, or in a sixteenth of the time the outage has lasted, > 0. Default 2,000. */
  readonly probeEveryMs: number;
  /** But not more seldom than that, >= `probeEveryMs`. Default 30,000. */
  readonly longestProbeMs: number;
}

/** Options of one pool. */
export interface PoolOptions {
  /** How to choose among the admissible accounts of a tier. Default {@link entropy}. */
  readonly strategy: SelectionStrategy;
  /** Share of every limit that is never used, whole units only, in [0, 0.5]. Default 0.02. */
  readonly safetyMargin: number;
  /**
   * What configured limits are worth once the provider tells its own: nothing more (`belief`), or they stay an upper
   * bound (`cap`). Default `belief`.
   */
  readonly configuredLimits: 'belief' | 'cap';
  readonly coolDown: CoolDownOptions;
  readonly breaker: BreakerOptions;
  readonly sharedLimit: SharedLimitOptions;
  readonly outage: OutageOptions;
  /** How long used-up credit rests when the provider names no reset, > 0. Default one hour. */
  readonly quotaRestMs: number;
  /** How long an account does without a model it was refused, > 0. Default 12 hours. */
  readonly modelRestMs: number;
  /** How long an account keeps a prompt warm after its last use, > 0. Default 5 minutes. */
  readonly promptCacheMs: number;
}

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;

const defaults: PoolOptions = {
  strategy: entropy,
  safetyMargin: 0.02,
  configuredLimits: 'belief',
  coolDown: { baseMs: 1_000, maxMs: 5 * minuteMs },
  breaker: {
    windowMs: minuteMs,
    minimumCalls: 5,
    failureRatio: 0.5,
    permissionFailures: 3,
    openMs: 2_500,
    maxOpenMs: 10 * minuteMs,
  },
  sharedLimit: { accounts: 3, withinMs: 2_000, probeEveryMs: 500 },
  outage: { accounts: 3, calls: 5, withinMs: 10_000, probeEveryMs: 2_000, longestProbeMs: 30_000 },
  quotaRestMs: hourMs,
  modelRestMs: 12 * hourMs,
  promptCacheMs: 5 * minuteMs,
};

/**
 * Completes options with their defaults.
 *
 * @throws RangeError naming the option, its value and its range
 */
export function poolOptions(given: Partial<PoolOptions>): PoolOptions {
  const options = { ...defaults, ...given };
  const { coolDown, breaker, sharedLimit, outage } = options;
  within('safetyMargin', options.safetyMargin, 0, 0.5);
  positive('coolDown.baseMs', coolDown.baseMs);
  within('coolDown.maxMs', coolDown.maxMs, coolDown.baseMs);
  positive('breaker.windowMs', breaker.windowMs);
  within('breaker.minimumCalls', breaker.minimumCalls, 1);
  positive('breaker.failureRatio', breaker.failureRatio);
  within('breaker.failureRatio', breaker.failureRatio, 0, 1);
  within('breaker.permissionFailures', breaker.permissionFailures, 1);
  positive('breaker.openMs', breaker.openMs);
  within('breaker.maxOpenMs', breaker.maxOpenMs, breaker.openMs);
  within('sharedLimit.accounts', sharedLimit.accounts, 2);
  positive('sharedLimit.withinMs', sharedLimit.withinMs);
  positive('sharedLimit.probeEveryMs', sharedLimit.probeEveryMs);
  within('outage.accounts', outage.accounts, 2);
  within('outage.calls', outage.calls, outage.accounts, 1_000);
  positive('outage.withinMs', outage.withinMs);
  positive('outage.probeEveryMs', outage.probeEveryMs);
  within('outage.longestProbeMs', outage.longestProbeMs, outage.probeEveryMs);
  positive('quotaRestMs', options.quotaRestMs);
  positive('modelRestMs', options.modelRestMs);
  positive('promptCacheMs', options.promptCacheMs);
  return options;
}

function within(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (value >= least && value <= most) return;
  throw new RangeError(`${name} is ${value}, must be in [${least}, ${most}]`);
}

function positive(name: string, value: number): void {
  if (value > 0 && Number.isFinite(value)) return;
  throw new RangeError(`${name} is ${value}, must be > 0`);
}
