import type { ProviderAdapter, ProviderJudge } from '#ai-provider';
import type { AccountId, ProviderId, Secret } from '#kernel';
import type { AccountSpec } from '#pool-core';
import type { StoredFailureRule } from './failure-rule.js';
import type { QuotaGroupView } from './quota-group.js';

/** A provider row: a kind with a base URL, a strategy and settings of its own. */
export interface Provider {
  readonly id: ProviderId;
  readonly name: string;
  readonly kind: string;
  /** `null`: the default of the kind. */
  readonly baseUrl: string | null;
  /** `null`: the default strategy. */
  readonly strategy: string | null;
  readonly settings: Readonly<Record<string, number>>;
  readonly version: number;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** An account with everything a call or a person needs of it. Immutable. */
export interface PoolAccount {
  readonly spec: AccountSpec;
  /** Name of its pool. */
  readonly provider: string;
  /** `environment`: from `SIDE_POOL_KEYS` and its like, read-only, in no table. */
  readonly source: 'database' | 'environment';
  readonly name: string;
  readonly humanReason: string | null;
  readonly tags: Readonly<Record<string, string>>;
  readonly notes: string;
  readonly baseUrl: string;
  /** `null` when there is none, or it cannot be opened. */
  readonly credential: Secret | null;
  readonly credentialPreview: string | null;
  /** Why there is no usable credential, a rule id; `null` when there is one. */
  readonly credentialFault: string | null;
  readonly version: number;
  readonly lastUsedAt: Date | null;
  readonly createdAt: Date;
  readonly updatedAt: Date;
}

/** All accounts of one provider. */
export interface ProviderPool {
  readonly name: string;
  readonly adapter: ProviderAdapter;
  /** Says what its failures mean. */
  readonly judge: ProviderJudge;
  /** `null` when the pool comes from the environment alone. */
  readonly provider: Provider | null;
  readonly accounts: readonly PoolAccount[];
}

/** The configuration in force. Replaced as a whole, never changed in place. */
export interface PoolSnapshot {
  readonly providers: ReadonlyMap<ProviderId, Provider>;
  readonly quotaGroups: ReadonlyMap<string, QuotaGroupView>;
  /** In the order in which they were made. */
  readonly failureRules: ReadonlyMap<ProviderId, readonly StoredFailureRule[]>;
  /** By name. */
  readonly pools: ReadonlyMap<string, ProviderPool>;
  readonly accounts: ReadonlyMap<AccountId, PoolAccount>;
}

/** What a snapshot is made of. */
export interface SnapshotParts {
  readonly providers: readonly Provider[];
  readonly quotaGroups: readonly QuotaGroupView[];
  readonly failureRules: readonly StoredFailureRule[];
  readonly accounts: readonly PoolAccount[];
}

/**
 * Puts pools together. A provider row whose kind nobody knows makes no pool. Accounts of the environment join the pool
 * named after their kind, behind those of the database: their tiers come last.
 */
export function poolSnapshot(
  { providers, quotaGroups, failureRules, accounts }: SnapshotParts,
  adapterOf: (kind: string) => ProviderAdapter | null,
  judgeOf: (pool: string, adapter: ProviderAdapter) => ProviderJudge,
): PoolSnapshot {
  const byName = new Map(providers.map((provider) => [provider.name, provider]));
  const accountsOf = Map.groupBy(accounts, ({ provider }) => provider);
  const pools = new Map<string, ProviderPool>();
  for (const name of new Set([...byName.keys(), ...accountsOf.keys()])) {
    const provider = byName.get(name) ?? null;
    const adapter = adapterOf(provider?.kind ?? name);
    if (adapter === null) continue;
    const judge = judgeOf(name, adapter);
    pools.set(name, { name, adapter, judge, provider, accounts: accountsOf.get(name) ?? [] });
  }
  return {
    providers: new Map(providers.map((provider) => [provider.id, provider])),
    quotaGroups: new Map(quotaGroups.map((group) => [group.id, group])),
    failureRules: Map.groupBy(failureRules, ({ providerId }) => providerId),
    pools,
    accounts: new Map(accounts.map((account) => [account.spec.id, account])),
  };
}
