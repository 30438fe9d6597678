import { describe, expect, it } from '@jest/globals';
import { budgetFaults, readBudget, showBudget } from './account-budget.js';

describe('a budget', () => {
  it('is exact from a billionth of a dollar to nine million', () => {
    for (const dailyUsd of ['0.000000001', '0.1', '12.345678901', '9000000']) {
      const budget = { dailyUsd, monthlyUsd: null };
      expect(budgetFaults(budget)).toEqual([]);
      expect(showBudget(readBudget(budget))).toEqual(budget);
    }
  });

  it('that is empty asks for nothing', () => {
    expect(budgetFaults({})).toEqual([]);
    expect(readBudget({})).toEqual({ dailyNanoUsd: null, monthlyNanoUsd: null });
  });

  it.each<[string, object, string]>([
    ['nothing', { dailyUsd: '0' }, 'budget.dailyUsd'],
    ['no text', { monthlyUsd: 5 }, 'budget.monthlyUsd'],
    ['no number', { monthlyUsd: 'a lot' }, 'budget.monthlyUsd'],
    ['less than nothing', { monthlyUsd: '-1' }, 'budget.monthlyUsd'],
    ['finer than a billionth', { dailyUsd: '0.0000000001' }, 'budget.dailyUsd'],
    ['more than is counted exactly', { dailyUsd: '9000000.1' }, 'budget.dailyUsd'],
    ['of another span', { weeklyUsd: '5' }, 'budget.weeklyUsd'],
  ])('is refused when it is %s', (_what, budget, field) => {
    expect(budgetFaults({ ...budget })).toMatchObject([{ field }]);
  });
});
