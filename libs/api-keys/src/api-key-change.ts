import type { ApiKeyId } from '#kernel';
import type { IpAddress } from './addresses/ip-address.js';
import { scopesOf, type ApiKeyDraft } from './domain/api-key-draft.js';
import { merged } from './domain/limits-draft.js';
import type { Grants } from './domain/grants.js';
import type { ApiKeyEntity } from './persistence/api-key.entity.js';
import type { ApiKeyChange } from './persistence/api-key.repository.js';

/** Who asks for a change of keys: no key can give more than it has, nor lock itself out unawares. */
export interface KeyChanger extends Grants {
  /** `null` for the root admin secret of the environment. */
  readonly apiKeyId: ApiKeyId | null;
  /** From where it asks; `null` when that cannot be told. */
  readonly address: IpAddress | null;
}

/** What a row lets its key do. */
export const grantsOf = (
  row: Pick<ApiKeyEntity, 'scopes' | 'modelsAllow' | 'modelsDeny' | 'providersAllow' | 'providersDeny'>,
): Grants => ({
  scopes: row.scopes,
  models: { allow: row.modelsAllow, deny: row.modelsDeny },
  providers: { allow: row.providersAllow, deny: row.providersDeny },
});

/**
 * The columns that a change without faults touches.
 *
 * @param current what fields of limits and budget are put into
 */
export function changeOf(
  draft: Partial<ApiKeyDraft>,
  current: Pick<ApiKeyEntity, 'limits' | 'budget'> = { limits: {}, budget: {} },
): ApiKeyChange {
  const { name, owner, scopes, weight, expiresAt, models, providers, tags, ipAllowlist, metadata } = draft;
  const { limits, budget } = draft;
  return given({
    name,
    owner,
    scopes: scopes && scopesOf(scopes),
    weight,
    expiresAt,
    modelsAllow: copyOf(models?.allow),
    modelsDeny: copyOf(models?.deny),
    providersAllow: copyOf(providers?.allow),
    providersDeny: copyOf(providers?.deny),
    tagsRequired: copyOf(tags?.required),
    tagsAllowed: copyOf(tags?.allowed),
    ipAllowlist: ipAllowlist === null ? [] : copyOf(ipAllowlist),
    metadata,
    limits: limits === undefined ? undefined : merged(current.limits, limits && { ...limits }),
    budget: budget === undefined ? undefined : merged(current.budget, budget && { ...budget }),
  });
}

const copyOf = <List extends readonly string[] | null | undefined>(
  list: List,
): string[] | Extract<List, null | undefined> =>
  (list && [...list]) as string[] | Extract<List, null | undefined>;

/** The fields that have a value; `null` is one. */
const given = (fields: { [Name in keyof ApiKeyChange]: ApiKeyChange[Name] | undefined }): ApiKeyChange =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
