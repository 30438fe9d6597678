import { describe, expect, it } from '@jest/globals';
import { RetryBudget, RetryBudgets } from './retry-budget.js';

const start = 1_790_000_000_000;

/** Takes retries until one is refused. */
function drain(budget: RetryBudget, nowMs: number): number {
  let taken = 0;
  while (taken < 10_000 && budget.tryRetry(nowMs)) taken += 1;
  return taken;
}

describe('RetryBudget', () => {
  it('always allows its floor', () => {
    expect(drain(new RetryBudget(), start)).toBe(10);
  });

  it('allows its share of the calls on top of the floor', () => {
    const budget = new RetryBudget();
    for (let i = 0; i < 100; i += 1) budget.noteCall(start + i);
    expect(drain(budget, start + 100)).toBe(30);
  });

  it('forgets after ten seconds, also when nothing happened meanwhile', () => {
    const budget = new RetryBudget();
    for (let i = 0; i < 100; i += 1) budget.noteCall(start);
    drain(budget, start);
    expect(drain(budget, start + 9_000)).toBe(0);
    expect(drain(budget, start + 10_000)).toBe(10);
    expect(drain(budget, start + 86_400_000)).toBe(10);
  });

  it('is not undone by a clock that steps back', () => {
    const budget = new RetryBudget();
    drain(budget, start);
    expect(drain(budget, start - 5_000)).toBe(0);
  });

  it.each([
    { share: -0.1, floor: 1 },
    { share: 2, floor: 1 },
    { share: 0.1, floor: -1 },
  ])('refuses %p', (options) => {
    expect(() => new RetryBudget(options)).toThrow(RangeError);
  });
});

describe('RetryBudgets', () => {
  it('keeps a budget for each pool', () => {
    const budgets = new RetryBudgets();
    drain(budgets.of('ill'), start);
    expect(drain(budgets.of('ill'), start)).toBe(0);
    expect(drain(budgets.of('well'), start)).toBe(10);
  });
});
