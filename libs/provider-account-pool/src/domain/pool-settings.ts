import { circular, type FairQueueOptions, type PoolOptions, type SelectionStrategy } from '#pool-core';
import type { Fault } from './fault.js';

/** A number that a provider's `settings` may hold. */
export interface PoolSetting {
  readonly means: string;
  readonly least: number;
  readonly most: number;
  /** What is in force when nothing is said. */
  readonly usual: number;
}

/** What a provider's `settings` may say; each goes to an option of its pool. The one place, for checks and documentation. */
export const poolSettings = {
  coolDownMaxMs: {
    means: 'Longest rest, ms, after a 429 without a hint',
    least: 1,
    most: 86_400_000,
    usual: 300_000,
  },
  safetyMargin: { means: 'Share of every limit that is never used', least: 0, most: 0.5, usual: 0.02 },
  capLimits: {
    means: '1: configured limits stay an upper bound; less: what the provider tells counts more',
    least: 0,
    most: 1,
    usual: 0,
  },
  quotaRestMs: {
    means: 'Rest, ms, of an account whose credit is used up, when the provider names no reset',
    least: 1_000,
    most: 2_678_400_000,
    usual: 3_600_000,
  },
  modelRestMs: {
    means: 'Rest, ms, of a model on an account that was refused it',
    least: 1_000,
    most: 2_678_400_000,
    usual: 43_200_000,
  },
  maxWaitMs: {
    means: 'How long a call waits for capacity, ms; 0: not at all',
    least: 0,
    most: 600_000,
    usual: 2_000,
  },
  strictModels: {
    means: 'Whether an account serves only models that its provider lists for it: 1 or 0',
    least: 0,
    most: 1,
    usual: 0,
  },
  maxQueue: { means: 'Calls that may wait at once', least: 0, most: 10_000, usual: 1_000 },
} as const satisfies Record<string, PoolSetting>;
type SettingName = keyof typeof poolSettings;

const firstCoolDownMs = 1_000;

/** @returns what is wrong with a provider's settings */
export function settingsFaults(given: Readonly<Record<string, unknown>>): Fault[] {
  return Object.entries(given).flatMap(([name, value]) => {
    const field = `settings.${name}`;
    if (!isSettingName(name)) {
      return [{ field, message: `is unknown; there are ${Object.keys(poolSettings).join(', ')}` }];
    }
    const { least, most } = poolSettings[name];
    const fine = typeof value === 'number' && value >= least && value <= most;
    return fine ? [] : [{ field, message: `must be a number from ${least} to ${most}` }];
  });
}

/** Settings without a fault, as they are stored. */
export const numbersOf = (
  given: Readonly<Record<string, unknown>> | null | undefined,
): Record<string, number> =>
  Object.fromEntries(Object.entries(given ?? {}).map(([name, value]) => [name, Number(value)]));

/** Options of a pool that comes from the environment alone: a plain ring, so that calls in a row use different keys. */
export const ringOptions = (coolDownMaxMs: number | undefined): Partial<PoolOptions> => ({
  ...poolOptionsOf(circular, coolDownMaxMs === undefined ? {} : { coolDownMaxMs }),
});

/** The options of a provider's pool. What is unknown or out of range (a row changed by hand) counts as not given. */
export function poolOptionsOf(
  strategy: SelectionStrategy,
  given: Readonly<Record<string, unknown>>,
): Partial<PoolOptions> {
  const maxMs = setting(given, 'coolDownMaxMs');
  const [safetyMargin, capLimits, quotaRestMs, modelRestMs] = [
    setting(given, 'safetyMargin'),
    setting(given, 'capLimits'),
    setting(given, 'quotaRestMs'),
    setting(given, 'modelRestMs'),
  ];
  return {
    strategy,
    ...(maxMs === undefined ? {} : { coolDown: { baseMs: Math.min(firstCoolDownMs, maxMs), maxMs } }),
    ...(safetyMargin === undefined ? {} : { safetyMargin }),
    ...(capLimits === undefined ? {} : { configuredLimits: capLimits === 1 ? 'cap' : 'belief' }),
    ...(quotaRestMs === undefined ? {} : { quotaRestMs }),
    ...(modelRestMs === undefined ? {} : { modelRestMs }),
  };
}

/** How calls wait for a provider's pool. What is unknown or out of range counts as not given. */
export function queueOptionsOf(given: Readonly<Record<string, unknown>>): Partial<FairQueueOptions> {
  const [maxWaitMs, maxEntries] = [setting(given, 'maxWaitMs'), setting(given, 'maxQueue')];
  return {
    ...(maxWaitMs === undefined ? {} : { maxWaitMs }),
    ...(maxEntries === undefined ? {} : { maxEntries }),
  };
}

function setting(given: Readonly<Record<string, unknown>>, name: SettingName): number | undefined {
  const value = given[name];
  return typeof value === 'number' && settingsFaults({ [name]: value }).length === 0 ? value : undefined;
}

const isSettingName = (name: string): name is SettingName => Object.hasOwn(poolSettings, name);
