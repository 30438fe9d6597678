import type { Fault } from './fault.js';

/** Limits of a key as a person writes them; `null`: none. */
export interface LimitsDraft {
  readonly rpm?: number | null;
  readonly tpm?: number | null;
  readonly maxConcurrency?: number | null;
}

/** A budget as a person writes it: decimal texts, US dollars of a UTC day and month; `null`: none. */
export interface BudgetDraft {
  readonly dailyUsd?: string | null;
  readonly monthlyUsd?: string | null;
}

const mostOfLimit = 1_000_000_000;
/** Sums of nano US dollars are exact as numbers up to nine million dollars. */
const mostUsd = 9_000_000;

/** What is wrong with limits. */
export const limitFaults = (limits: LimitsDraft | null | undefined): Fault[] =>
  fieldFaults('limits', limits, ['rpm', 'tpm', 'maxConcurrency'], isLimit, {
    must: `must be a whole number from 1 to ${mostOfLimit}, or null`,
  });

/** What is wrong with a budget. */
export const budgetFaults = (budget: BudgetDraft | null | undefined): Fault[] =>
  fieldFaults('budget', budget, ['dailyUsd', 'monthlyUsd'], isAmount, {
    must: `must be a decimal text above 0 and at most "${mostUsd}", or null`,
  });

/** What is there with a change put in: `null` takes a field away, or all of them. */
export function merged<Value>(
  current: Readonly<Record<string, Value>>,
  change: Readonly<Record<string, Value | null | undefined>> | null,
): Record<string, Value> {
  const fields = change === null ? {} : { ...current, ...defined(change) };
  return Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Value] => field[1] !== null),
  );
}

const defined = <Value>(fields: Readonly<Record<string, Value | undefined>>): Record<string, Value> =>
  Object.fromEntries(
    Object.entries(fields).filter((field): field is [string, Value] => field[1] !== undefined),
  );

function fieldFaults(
  of: string,
  values: object | null | undefined,
  known: readonly string[],
  isRight: (value: unknown) => boolean,
  { must }: { readonly must: string },
): Fault[] {
  return Object.entries(values ?? {}).flatMap(([name, value]: [string, unknown]) => {
    const field = `${of}.${name}`;
    if (!known.includes(name)) return [{ field, message: `is unknown; there are ${known.join(', ')}` }];
    return value === null || value === undefined || isRight(value) ? [] : [{ field, message: must }];
  });
}

const isLimit = (value: unknown): boolean =>
  typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= mostOfLimit;

const isAmount = (value: unknown): boolean =>
  typeof value === 'string' &&
  /^\d{1,7}(\.\d{1,9})?$/.test(value) &&
  Number(value) > 0 &&
  Number(value) <= mostUsd;
