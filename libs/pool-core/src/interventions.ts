import type { AccountId, ProviderFailure, Random } from '#kernel';
import type { AccountPool } from './account-pool.js';
import { applyFailure } from './failure-effects.js';
import { concernedBy, transitionsOf } from './transition.js';
import type { Transition } from './transition.js';

/** What a test of an account, made beside the traffic, came to. */
export type TestResult = { readonly ok: true } | { readonly ok: false; readonly failure: ProviderFailure };

/**
 * Lets an account learn from a test. A passed one ends any rest as half-open: one real call decides. A failed one
 * counts like a failed call.
 *
 * @returns what it changed; empty when the pool does not have the account
 */
export function recordProbe(
  pool: AccountPool,
  accountId: AccountId,
  result: TestResult,
  nowMs: number,
  random: Random,
): Transition[] {
  const account = pool.account(accountId);
  if (account === undefined) return [];
  if (result.ok) {
    pool.noteChange(account);
    return transitionsOf(concernedBy(account, account.group), null, 'test.passed', nowMs, () => {
      account.standing.halfOpen('test.passed', nowMs);
      account.group?.standing.halfOpen('test.passed', nowMs);
    });
  }
  const { failure } = result;
  const { group } = account;
  const event = { account, group, model: null, failure, limits: [], begunMs: nowMs, call: null };
  const transitions = transitionsOf(concernedBy(account, account.group), null, failure.rule, nowMs, () =>
    applyFailure(event, { options: pool.options, nowMs, random }),
  );
  pool.noteFailure(account);
  return transitions;
}

/**
 * Forgives everything the machine holds against an account and its models: a person says so, or its credential is new.
 * Failures of calls begun before have no effect any more.
 */
export function clearMachineState(pool: AccountPool, accountId: AccountId, nowMs: number): Transition[] {
  const account = pool.account(accountId);
  if (account === undefined) return [];
  pool.noteChange(account);
  return transitionsOf(concernedBy(account, account.group), null, 'cleared', nowMs, () => {
    account.clear(nowMs);
  });
}

/**
 * The provider says that an account may use these models: one that it was refused is half-open, and one real call decides.
 * Rests of another kind stay.
 */
export function offerModels(
  pool: AccountPool,
  accountId: AccountId,
  models: ReadonlySet<string>,
  nowMs: number,
): Transition[] {
  const account = pool.account(accountId);
  if (account === undefined) return [];
  const refused = [...account.modelStandings].filter(
    ([model, standing]) => models.has(model) && standing.stateAt(nowMs).kind === 'open',
  );
  if (refused.length === 0) return [];
  pool.noteChange(account);
  return transitionsOf(concernedBy(account, account.group), null, 'models.listed', nowMs, () => {
    for (const [, standing] of refused) standing.halfOpen('models.listed', nowMs);
  });
}

/**
 * Takes an account out for a while, as a 429 would; never shortens a rest.
 *
 * @param forMs > 0
 * @param rule who says so, for the timeline
 */
export function benchAccount(
  pool: AccountPool,
  accountId: AccountId,
  forMs: number,
  rule: string,
  nowMs: number,
): Transition[] {
  const account = pool.account(accountId);
  if (account === undefined) return [];
  // Whoever waits for its probe to end is let in at the end of the rest.
  pool.noteChange(account);
  return transitionsOf(concernedBy(account, account.group), null, rule, nowMs, () =>
    account.standing.takeOut({ kind: 'cooling', untilMs: Math.ceil(nowMs + forMs), rule }, nowMs),
  );
}
