import type { AccountChange, AccountDraft } from '../domain/account-draft.js';
import { given } from '../domain/given.js';
import { currentHumanState } from '../domain/human-state.js';
import type { AccountRow } from '../persistence/account-repository.js';
import { humanColumns, humanStateOf } from '../persistence/human-columns.js';

/** The row of a new account, with every default filled in. */
export function rowOf(draft: AccountDraft): AccountRow {
  const { name, weight = 1, tier = 1, enabled = true, limits, models, tags, notes } = draft;
  return {
    name,
    weight,
    tier,
    ...humanColumns({ kind: enabled ? 'enabled' : 'disabled' }, null),
    limits: { ...limits },
    models: { allow: models?.allow ?? [], deny: models?.deny ?? [] },
    tags: { ...tags },
    notes: notes ?? '',
  };
}

/** The columns a change touches. Limits and model rules merge into what is there; tags are replaced. */
export function rowChange(change: AccountChange, row: AccountRow, nowMs: number): Partial<AccountRow> {
  const { name, weight, tier, enabled, limits, models, tags, notes } = change;
  return {
    ...given({ name, weight, tier }),
    ...(enabled === undefined ? {} : humanChange(enabled, row, nowMs)),
    ...(limits === undefined ? {} : { limits: limits === null ? {} : { ...row.limits, ...given(limits) } }),
    ...(models === undefined
      ? {}
      : { models: { ...noRules, ...(models && row.models), ...given(models ?? {}) } }),
    ...(tags === undefined ? {} : { tags: { ...tags } }),
    ...(notes === undefined ? {} : { notes: notes ?? '' }),
  };
}

const noRules = { allow: [], deny: [] };

/** Says what is so already: nothing changes. A pause is "off", and stays the pause it is. */
function humanChange(enabled: boolean, row: AccountRow, nowMs: number): Partial<AccountRow> {
  const { kind } = currentHumanState(humanStateOf(row), nowMs);
  if (enabled === (kind === 'enabled')) return {};
  return humanColumns({ kind: enabled ? 'enabled' : 'disabled' }, null);
}
