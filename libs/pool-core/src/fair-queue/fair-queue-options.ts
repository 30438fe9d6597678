/** Options of one waiting room. */
export interface FairQueueOptions {
  /** How long a call waits at most, ms; 0: never. Default 2,000. */
  readonly maxWaitMs: number;
  /** Calls that wait at once, whole, >= 0. Default 1,000. */
  readonly maxEntries: number;
  /** After this time half of what a caller has had is forgotten, ms, > 0. Default 30,000. */
  readonly usageHalfLifeMs: number;
  /** Callers whose usage is surely remembered, >= 1; about twice as many take room. Default 10,000. */
  readonly mostCallers: number;
}

const defaults: FairQueueOptions = {
  maxWaitMs: 2_000,
  maxEntries: 1_000,
  usageHalfLifeMs: 30_000,
  mostCallers: 10_000,
};

/**
 * Completes options with their defaults.
 *
 * @throws RangeError naming the option, its value and its range
 */
export function fairQueueOptions(given: Partial<FairQueueOptions>): FairQueueOptions {
  const options = { ...defaults, ...given };
  atLeast('maxWaitMs', options.maxWaitMs, 0);
  atLeast('maxEntries', options.maxEntries, 0);
  atLeast('usageHalfLifeMs', options.usageHalfLifeMs, 1);
  atLeast('mostCallers', options.mostCallers, 1);
  return options;
}

function atLeast(name: string, value: number, least: number): void {
  if (value >= least && value < Infinity) return;
  throw new RangeError(`${name} is ${value}, must be >= ${least}`);
}
