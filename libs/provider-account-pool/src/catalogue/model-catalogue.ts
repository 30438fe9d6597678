import { Injectable } from '@nestjs/common';
import type { AccountId } from '#kernel';
import { compileModelRules, type AccountSpec, type ModelRules } from '#pool-core';
import type { PoolSnapshot, ProviderPool } from '../domain/pool-snapshot.js';
import { PoolDirectory } from '../snapshot/pool-directory.js';
import type { ModelList } from './model-list.js';

/** What nobody lists: an empty `allow` would mean all. */
const nothing: ModelRules = Object.freeze({ allow: [], deny: ['*'] });

/**
 * The models of all accounts, as their providers list them, in memory. A hint for lists and for people; a pool with the setting
 * `strictModels` lets an account serve what its provider lists, and nothing else.
 */
@Injectable()
export class ModelCatalogue {
  private readonly lists = new Map<AccountId, ModelList>();
  private readonly restricted = new WeakMap<
    AccountSpec,
    { readonly by: ModelList; readonly spec: AccountSpec }
  >();
  private listeners: (() => void)[] = [];

  constructor(private readonly directory: PoolDirectory) {
    directory.follow((snapshot) => this.forgetGone(snapshot));
  }

  /** `null` while nothing is known of the account. */
  of(accountId: AccountId): ModelList | null {
    return this.lists.get(accountId) ?? null;
  }

  /** Takes in what was read. */
  take(lists: readonly ModelList[]): void {
    for (const list of lists) this.lists.set(list.accountId, list);
    if (lists.length > 0) for (const listener of this.listeners) listener();
  }

  /** Calls back after each change. */
  onChange(listener: () => void): void {
    this.listeners = [...this.listeners, listener];
  }

  /** An account as its pool is to see it. The same object as long as nothing changes. */
  effective(spec: AccountSpec, { provider }: ProviderPool): AccountSpec {
    const list = this.of(spec.id);
    if (provider?.settings['strictModels'] !== 1 || list === null || list.models === null) return spec;
    const known = this.restricted.get(spec);
    if (known?.by === list) return known.spec;
    const mayServe = compileModelRules(spec.models);
    const allow = list.models.filter(mayServe);
    const strict = { ...spec, models: allow.length === 0 ? nothing : { allow, deny: [] } };
    this.restricted.set(spec, { by: list, spec: strict });
    return strict;
  }

  /** Every model that some account of a pool lists and may serve, accounts that people have off left out. */
  modelsOf(pool: string): readonly string[] {
    const names = new Set<string>();
    for (const { spec } of this.directory.pool(pool)?.accounts ?? []) {
      const models = spec.human.kind === 'enabled' && spec.credentialUsable ? this.of(spec.id)?.models : null;
      if (models == null) continue;
      const mayServe = compileModelRules(spec.models);
      for (const model of models) if (mayServe(model)) names.add(model);
    }
    return [...names].sort();
  }

  private forgetGone({ accounts }: PoolSnapshot): void {
    for (const id of this.lists.keys()) if (!accounts.has(id)) this.lists.delete(id);
  }
}
