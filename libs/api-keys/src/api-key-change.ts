import type { ApiKeyId } from '#kernel';
import type { IpAddress } from './addresses/ip-address.js';
import { scopesOf, type ApiKeyDraft } from './domain/api-key-draft.js';
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

/** The columns that a change without faults touches. */
export function changeOf(draft: Partial<ApiKeyDraft>): ApiKeyChange {
  const { name, owner, scopes, weight, expiresAt, models, providers, tags, ipAllowlist, metadata } = draft;
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
  });
}

const copyOf = <List extends readonly string[] | null | undefined>(
  list: List,
): string[] | Extract<List, null | undefined> =>
  (list && [...list]) as string[] | Extract<List, null | undefined>;

/** The fields that have a value; `null` is one. */
const given = (fields: { [Name in keyof ApiKeyChange]: ApiKeyChange[Name] | undefined }): ApiKeyChange =>
  Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
