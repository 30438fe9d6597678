import { describe, expect, it } from '@jest/globals';
import { KeyBudget } from './key-budget.js';

const noon = Date.UTC(2026, 10, 29, 12);
const tomorrow = Date.UTC(2026, 10, 30);
const december = Date.UTC(2026, 11, 1);
const budgetOf = (dailyNanoUsd: number | null, monthlyNanoUsd: number | null = null): KeyBudget =>
  new KeyBudget({ dailyNanoUsd, monthlyNanoUsd });

function spend(budget: KeyBudget, nanoUsd: number, atMs: number): void {
  expect(budget.reserve(nanoUsd, atMs)).toBeNull();
  budget.settle(nanoUsd, nanoUsd, atMs);
}

describe('the budget of a key', () => {
  it('refuses when the day is spent, until it ends', () => {
    const budget = budgetOf(100);
    spend(budget, 99, noon);
    spend(budget, 1, noon);
    expect(budget.reserve(1, noon)).toEqual({ period: 'day', retryAfterMs: tomorrow - noon });
    expect(budget.reserve(1, tomorrow - 1)).toEqual({ period: 'day', retryAfterMs: 1 });
    expect(budget.reserve(1, tomorrow)).toBeNull();
  });

  it('refuses when the month is spent, until it ends', () => {
    const budget = budgetOf(null, 100);
    spend(budget, 60, noon);
    spend(budget, 60, tomorrow);
    expect(budget.reserve(1, tomorrow)).toEqual({ period: 'month', retryAfterMs: december - tomorrow });
    expect(budget.reserve(1, december)).toBeNull();
  });

  it('counts what calls under way may cost, and asks to come back soon', () => {
    const budget = budgetOf(100);
    expect([budget.reserve(60, noon), budget.reserve(60, noon)]).toEqual([null, null]);
    expect(budget.reserve(1, noon)).toEqual({ period: 'day', retryAfterMs: 1_000 });
    budget.settle(60, 5, noon);
    expect(budget.reserve(1, noon)).toBeNull();
  });

  it('is overshot by one call at most, where calls cost what was expected', () => {
    const budget = budgetOf(1_000);
    let spent = 0;
    while (budget.reserve(300, noon) === null) {
      budget.settle(300, 300, noon);
      spent += 300;
    }
    expect(spent).toBe(1_200);
  });

  it('takes in what was spent before and elsewhere, and counts nothing twice', () => {
    const budget = budgetOf(100, 1_000);
    expect(budget.isIgnorantOf(noon)).toBe(true);
    budget.learnEarlier(950, noon);
    expect(budget.isIgnorantOf(noon)).toBe(false);
    spend(budget, 30, noon);
    budget.learnToday(20, noon);
    budget.learnToday(40, noon);
    expect(budget.reserve(1, noon)).toBeNull();
    budget.learnToday(50, noon);
    expect(budget.reserve(1, noon)).toMatchObject({ period: 'month' });
  });

  it('asks anew each day what was spent before, and counts what it knows meanwhile', () => {
    const budget = budgetOf(null, 100);
    budget.learnEarlier(50, noon);
    spend(budget, 60, noon);
    expect(budget.isIgnorantOf(tomorrow)).toBe(true);
    expect(budget.reserve(1, tomorrow)).toMatchObject({ period: 'month' });
  });

  it('goes by a bound that was changed from the next call on', () => {
    const budget = budgetOf(100);
    spend(budget, 100, noon);
    budget.limits = { dailyNanoUsd: 200, monthlyNanoUsd: null };
    expect(budget.reserve(1, noon)).toBeNull();
  });
});
