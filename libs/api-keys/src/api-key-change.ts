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
  return {
    ...(name !== undefined && { name }),
    ...(owner !== undefined && { owner }),
    ...(scopes !== undefined && { scopes: scopesOf(scopes) }),
    ...(weight !== undefined && { weight }),
    ...(expiresAt !== undefined && { expiresAt }),
    ...(models?.allow !== undefined && { modelsAllow: [...models.allow] }),
    ...(models?.deny !== undefined && { modelsDeny: [...models.deny] }),
    ...(providers?.allow !== undefined && { providersAllow: [...providers.allow] }),
    ...(providers?.deny !== undefined && { providersDeny: [...providers.deny] }),
    ...(tags?.required !== undefined && { tagsRequired: [...tags.required] }),
    ...(tags?.allowed !== undefined && { tagsAllowed: tags.allowed && [...tags.allowed] }),
    ...(ipAllowlist !== undefined && { ipAllowlist: [...(ipAllowlist ?? [])] }),
    ...(metadata !== undefined && { metadata }),
  };
}
