import { randomBytes, randomUUIDv7, timingSafeEqual } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import type { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { changeOf } from './api-key-change.js';
import { scopesOf, type ApiKeyDraft } from './domain/api-key-draft.js';
import { issueKey } from './domain/key-format.js';
import type { NewApiKeyRow, NewSecretRow } from './persistence/api-key.repository.js';

/** What a key is where its draft says nothing. */
const unrestricted = {
  owner: null,
  weight: 1,
  modelsAllow: [],
  modelsDeny: [],
  providersAllow: [],
  providersDeny: [],
  tagsRequired: [],
  tagsAllowed: null,
  ipAllowlist: [],
  ipReportUntil: null,
  expiresAt: null,
  disabledAt: null,
  revokedAt: null,
  metadata: {},
  limits: {},
  budget: {},
};

/** Makes the rows of new keys, and the texts to present. */
@Injectable()
export class KeyIssuer {
  constructor(private readonly peppers: KeyPeppers) {}

  /** @param draft one that {@link refuseFaultyDraft} let pass */
  issue(draft: ApiKeyDraft): { readonly row: NewApiKeyRow; readonly secret: Secret } {
    const id = randomUUIDv7();
    const { row: first, secret } = this.issueSecret(id, 1);
    const { name, scopes } = draft;
    const row: NewApiKeyRow = {
      ...unrestricted,
      id,
      secrets: [first],
      name,
      scopes: scopesOf(scopes),
      ...changeOf(draft),
    };
    return { row, secret };
  }

  /** Whether a presented text is this secret; in constant time. */
  isSecretOf({ pepperId, hash }: Pick<NewSecretRow, 'pepperId' | 'hash'>, presented: Secret): boolean {
    const digest = this.peppers.digest(pepperId, presented.reveal());
    return digest !== null && timingSafeEqual(digest, hash);
  }

  /** Makes one more secret of a key. */
  issueSecret(
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
