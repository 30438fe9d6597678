import type { AccountBudget } from '#pool-core';
import type { AccountEntity } from './account.entity.js';

type BudgetColumns = Pick<AccountEntity, 'dailyBudgetNanoUsd' | 'monthlyBudgetNanoUsd'>;

/** A budget as columns. */
export function budgetColumns({ dailyNanoUsd, monthlyNanoUsd }: AccountBudget): BudgetColumns {
  return {
    dailyBudgetNanoUsd: dailyNanoUsd?.toString() ?? null,
    monthlyBudgetNanoUsd: monthlyNanoUsd?.toString() ?? null,
  };
}

/** A budget out of columns. */
export function budgetOf({ dailyBudgetNanoUsd, monthlyBudgetNanoUsd }: BudgetColumns): AccountBudget {
  return { dailyNanoUsd: numberOf(dailyBudgetNanoUsd), monthlyNanoUsd: numberOf(monthlyBudgetNanoUsd) };
}

const numberOf = (bigint: string | null): number | null => (bigint === null ? null : Number(bigint));
