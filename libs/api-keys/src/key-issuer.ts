import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { scopesOf, type ApiKeyDraft } from './domain/api-key-draft.js';
import { issueKey } from './domain/key-format.js';
import type { NewApiKeyRow } from './persistence/api-key.repository.js';

/** Makes the row of a new key, and the key. */
@Injectable()
export class KeyIssuer {
  constructor(private readonly peppers: KeyPeppers) {}

  /** @param draft one that {@link refuseFaultyDraft} let pass */
  issue(draft: ApiKeyDraft): { readonly row: NewApiKeyRow; readonly secret: Secret } {
    const { keyId, secret, preview } = issueKey('live', randomBytes);
    const pepperId = this.peppers.primaryId;
    const hash = this.peppers.digest(pepperId, secret.reveal());
    if (hash === null) throw new Error(`there is no pepper "${pepperId}"`);
    const row: NewApiKeyRow = {
      id: randomUUIDv7(),
      keyId,
      name: draft.name,
      owner: draft.owner ?? null,
      scopes: scopesOf(draft.scopes),
      weight: draft.weight ?? 1,
      modelsAllow: [...(draft.models?.allow ?? [])],
      modelsDeny: [...(draft.models?.deny ?? [])],
      expiresAt: draft.expiresAt ?? null,
      disabledAt: null,
      revokedAt: null,
      metadata: { ...draft.metadata },
      limits: {},
      budget: {},
      hash,
      pepperId,
      preview,
    };
    return { row, secret };
  }
}
