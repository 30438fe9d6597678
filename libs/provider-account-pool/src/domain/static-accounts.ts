import type { ProviderAdapter } from '#ai-provider';
import { asId, type AccountId, type Secret } from '#kernel';
import { noBudget } from './account-budget.js';
import { noLimits } from './account-limits.js';
import { credentialPreview } from './credential-preview.js';
import type { PoolAccount } from './pool-snapshot.js';

/** A key of the environment and the kind of provider it belongs to. */
export interface StaticPoolKey {
  readonly provider: string;
  readonly key: Secret;
}

/** The last tiers of a pool: accounts of the database, at most tier {@link lastDatabaseTier}, are tried before. */
export const lastDatabaseTier = 1000;
const singleKeyTier = lastDatabaseTier + 1;
const sidePoolTier = lastDatabaseTier + 2;

/** Whether an account comes from the environment, by its id. */
export const isStaticId = (id: string): boolean => id.startsWith('static:');

/** Whether an account is one of `SIDE_POOL_KEYS`: those make the ring of the managed credit pool. */
export const isSidePoolAccount = ({ source, spec }: PoolAccount): boolean =>
  source === 'environment' && spec.tier === sidePoolTier;

/** What {@link staticAccounts} needs to know of its surroundings. */
export interface StaticAccountsContext {
  readonly adapterOf: (kind: string) => ProviderAdapter | null;
  /** `<PROVIDER>_BASE_URL` by kind. */
  readonly baseUrls: Readonly<Record<string, string>>;
  readonly since: Date;
}

/**
 * Makes accounts of the environment's keys: single keys in the tier before the side pool, numbered per kind in the order
 * given; a key that stands in both counts once.
 *
 * @throws RangeError when a key names a kind nobody knows, one without a base URL, or is no credential of its kind
 */
export function staticAccounts(
  keys: { readonly singleKeys: readonly StaticPoolKey[]; readonly keys: readonly StaticPoolKey[] },
  context: StaticAccountsContext,
): readonly PoolAccount[] {
  const countOf = new Map<string, number>();
  const seen = new Set<string>();
  const accounts: PoolAccount[] = [];
  const add = ({ provider, key }: StaticPoolKey, tier: number): void => {
    const identity = `${provider}:${key.reveal()}`;
    if (seen.has(identity)) return;
    seen.add(identity);
    const number = (countOf.get(provider) ?? 0) + 1;
    countOf.set(provider, number);
    accounts.push(staticAccount(provider, number, key, tier, context));
  };
  for (const key of keys.singleKeys) add(key, singleKeyTier);
  for (const key of keys.keys) add(key, sidePoolTier);
  return accounts;
}

function staticAccount(
  provider: string,
  number: number,
  key: Secret,
  tier: number,
  context: StaticAccountsContext,
): PoolAccount {
  return {
    spec: {
      id: asId<'Account'>(`static:${provider}:${number}`) satisfies AccountId,
      weight: 1,
      tier,
      human: { kind: 'enabled' },
      credentialUsable: true,
      limits: noLimits,
      quotaGroup: null,
      budget: noBudget,
      costFactor: 1,
      models: { allow: [], deny: [] },
    },
    provider,
    source: 'environment',
    name: `static-${number}`,
    humanReason: null,
    tags: {},
    notes: '',
    baseUrl: baseUrlFor(provider, key, context),
    credential: key,
    credentialPreview: credentialPreview(key),
    credentialFault: null,
    version: 1,
    lastUsedAt: null,
    createdAt: context.since,
    updatedAt: context.since,
  };
}

function baseUrlFor(kind: string, key: Secret, { adapterOf, baseUrls }: StaticAccountsContext): string {
  const adapter = adapterOf(kind);
  if (adapter === null) throw new RangeError(`a key of the environment names the unknown provider '${kind}'`);
  const baseUrl = baseUrls[kind] ?? adapter.defaultBaseUrl;
  if (baseUrl === null)
    throw new RangeError(`a key of the environment for '${kind}' needs the base URL to be set`);
  const fault = adapter.credentialFault?.(key, baseUrl) ?? null;
  if (fault !== null) throw new RangeError(`a key of the environment for '${kind}' ${fault}`);
  return baseUrl;
}
