import type { AccountChange, AccountDraft } from '../domain/account-draft.js';
import { humanColumns, type AccountRow } from '../persistence/account-repository.js';

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
export function rowChange(change: AccountChange, row: AccountRow): Partial<AccountRow> {
  const { name, weight, tier, enabled, limits, models, tags, notes } = change;
  return {
    ...(name === undefined ? {} : { name }),
    ...(weight === undefined ? {} : { weight }),
    ...(tier === undefined ? {} : { tier }),
    ...(enabled === undefined ? {} : humanChange(enabled, row)),
    ...(limits === undefined ? {} : { limits: limits === null ? {} : { ...row.limits, ...limits } }),
    ...(models === undefined
      ? {}
      : { models: { ...(models === null ? nothingSaid : row.models), ...models } }),
    ...(tags === undefined ? {} : { tags: { ...tags } }),
    ...(notes === undefined ? {} : { notes: notes ?? '' }),
  };
}

const nothingSaid = { allow: [], deny: [] };

/** `enabled: false` asks for "off" and leaves a pause or a worse state as it is. */
function humanChange(enabled: boolean, row: AccountRow): Partial<AccountRow> {
  const isEnabled = row.humanState === 'enabled';
  if (enabled === isEnabled || (!enabled && row.humanState === 'compromised')) return {};
  return humanColumns({ kind: enabled ? 'enabled' : 'disabled' }, null);
}
