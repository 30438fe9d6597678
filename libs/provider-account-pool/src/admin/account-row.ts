import { readBudget, showBudget } from '../domain/account-budget.js';
import type { AccountChange, AccountDraft } from '../domain/account-draft.js';
import { changedLimits } from '../domain/account-limits.js';
import type { AccountBudget } from '#pool-core';
import { given } from '../domain/given.js';
import { currentHumanState } from '../domain/human-state.js';
import type { AccountRow } from '../persistence/account-repository.js';
import { budgetColumns, budgetOf } from '../persistence/budget-columns.js';
import { humanColumns, humanStateOf } from '../persistence/human-columns.js';

/** The row of a new account, with every default filled in. */
export function rowOf(draft: AccountDraft): AccountRow {
  const { name, weight = 1, tier = 1, enabled = true, limits, models, tags, notes } = draft;
  const { quotaGroupId = null, budget, costFactor = 1 } = draft;
  return {
    name,
    weight,
    tier,
    ...humanColumns({ kind: enabled ? 'enabled' : 'disabled' }, null),
    limits: { ...limits },
    quotaGroupId,
    ...budgetColumns(readBudget({ ...budget })),
    costFactor,
    models: { allow: models?.allow ?? [], deny: models?.deny ?? [] },
    tags: { ...tags },
    notes: notes ?? '',
  };
}

/** The columns a change touches. Limits, budget and model rules merge into what is there; tags are replaced. */
export function rowChange(change: AccountChange, row: AccountRow, nowMs: number): Partial<AccountRow> {
  const { name, weight, tier, enabled, limits, models, tags, notes } = change;
  const { quotaGroupId, budget, costFactor } = change;
  return {
    ...given({ name, weight, tier, quotaGroupId, costFactor }),
    ...(enabled === undefined ? {} : humanChange(enabled, row, nowMs)),
    ...(limits === undefined ? {} : { limits: changedLimits(row.limits, limits) }),
    ...(budget === undefined ? {} : budgetColumns(changedBudget(budget, row))),
    ...(models === undefined
      ? {}
      : { models: { ...noRules, ...(models && row.models), ...given(models ?? {}) } }),
    ...(tags === undefined ? {} : { tags: { ...tags } }),
    ...(notes === undefined ? {} : { notes: notes ?? '' }),
  };
}

function changedBudget(change: AccountChange['budget'], row: AccountRow): AccountBudget {
  return readBudget(change == null ? {} : { ...showBudget(budgetOf(row)), ...given(change) });
}

const noRules = { allow: [], deny: [] };

/** Says what is so already: nothing changes. A pause is "off", and stays the pause it is. */
function humanChange(enabled: boolean, row: AccountRow, nowMs: number): Partial<AccountRow> {
  const { kind } = currentHumanState(humanStateOf(row), nowMs);
  if (enabled === (kind === 'enabled')) return {};
  return humanColumns({ kind: enabled ? 'enabled' : 'disabled' }, null);
}
