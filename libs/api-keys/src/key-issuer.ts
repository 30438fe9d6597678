import { randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { scopesOf, type ApiKeyDraft } from './domain/api-key-draft.js';
import { issueKey } from './domain/key-format.js';
import type { NewApiKeyRow, NewSecretRow } from './persistence/api-key.repository.js';

/** Makes the rows of new keys, and the texts to present. */
@Injectable()
export class KeyIssuer {
  constructor(private readonly peppers: KeyPeppers) {}

  /** @param draft one that {@link refuseFaultyDraft} let pass */
  issue(draft: ApiKeyDraft): { readonly row: NewApiKeyRow; readonly secret: Secret } {
    const id = randomUUIDv7();
    const { row: first, secret } = this.issueSecret(id, 1);
    const row: NewApiKeyRow = {
      id,
      secrets: [first],
      name: draft.name,
      owner: draft.owner ?? null,
      scopes: scopesOf(draft.scopes),
      weight: draft.weight ?? 1,
      modelsAllow: [...(draft.models?.allow ?? [])],
      modelsDeny: [...(draft.models?.deny ?? [])],
      providersAllow: [...(draft.providers?.allow ?? [])],
      providersDeny: [...(draft.providers?.deny ?? [])],
      tagsRequired: [...(draft.tags?.required ?? [])],
      tagsAllowed: draft.tags?.allowed ? [...draft.tags.allowed] : null,
      ipAllowlist: [...(draft.ipAllowlist ?? [])],
      ipReportUntil: null,
      expiresAt: draft.expiresAt ?? null,
      disabledAt: null,
      revokedAt: null,
      metadata: { ...draft.metadata },
      limits: {},
      budget: {},
    };
    return { row, secret };
  }

  /** Whether a presented text is this secret; in constant time. */
  isSecretOf({ pepperId, hash }: Pick<NewSecretRow, 'pepperId' | 'hash'>, presented: Secret): boolean {
    const digest = this.peppers.digest(pepperId, presented.reveal());
    return digest !== null && timingSafeEqual(digest, hash);
  }

  private issueSecret(
    apiKeyId: string,
    slot: NewSecretRow['slot'],
  ): { readonly row: NewSecretRow; readonly secret: Secret } {
    const { keyId, secret, preview } = issueKey('live', randomBytes);
    const pepperId = this.peppers.primaryId;
    const hash = this.peppers.digest(pepperId, secret.reveal());
    if (hash === null) throw new Error(`there is no pepper "${pepperId}"`);
    return { row: { keyId, apiKeyId, slot, hash, pepperId, preview, validUntil: null }, secret };
  }
}
