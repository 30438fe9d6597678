import { formatUsd, parseUsd } from '#kernel';
import type { AccountBudget } from '#pool-core';
import type { Fault } from './fault.js';

/** What an account may spend at most, in decimal US dollars; `null` means no bound. Days and months are those of UTC. */
export interface BudgetView {
  readonly dailyUsd: string | null;
  readonly monthlyUsd: string | null;
}

/** Nothing configured: spends without a bound. */
export const noBudget: AccountBudget = Object.freeze({ dailyNanoUsd: null, monthlyNanoUsd: null });

/** Sums of nano US dollars are exact as numbers up to nine million dollars. */
const mostUsd = 9_000_000;

/** @returns what is wrong with a budget as a person wrote it */
export function budgetFaults(budget: Readonly<Record<string, unknown>>): readonly Fault[] {
  return Object.entries(budget).flatMap(([name, value]) => {
    const field = `budget.${name}`;
    if (name !== 'dailyUsd' && name !== 'monthlyUsd') {
      return [{ field, message: 'is unknown; there are dailyUsd, monthlyUsd' }];
    }
    if (value === null || value === undefined || isAmount(value)) return [];
    return [{ field, message: `must be a decimal text above 0 and at most "${mostUsd}", or null` }];
  });
}

/** A budget without a fault, in the core's terms. */
export function readBudget({ dailyUsd = null, monthlyUsd = null }: Partial<BudgetView>): AccountBudget {
  return { dailyNanoUsd: nanoUsdOf(dailyUsd), monthlyNanoUsd: nanoUsdOf(monthlyUsd) };
}

/** A budget as people read it. */
export function showBudget({ dailyNanoUsd, monthlyNanoUsd }: AccountBudget): BudgetView {
  return { dailyUsd: usdOf(dailyNanoUsd), monthlyUsd: usdOf(monthlyNanoUsd) };
}

const nanoUsdOf = (usd: string | null): number | null => (usd === null ? null : Number(parseUsd(usd)));
const usdOf = (nanoUsd: number | null): string | null =>
  nanoUsd === null ? null : formatUsd(BigInt(nanoUsd));

function isAmount(value: unknown): boolean {
  return (
    typeof value === 'string' &&
    /^\d{1,7}(\.\d{1,9})?$/.test(value) &&
    Number(value) > 0 &&
    Number(value) <= mostUsd
  );
}
