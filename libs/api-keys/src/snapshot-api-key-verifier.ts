import { timingSafeEqual } from 'node:crypto';
import { Secret, type ApiKeyId, type Clock } from '#kernel';
import type { KeyPeppers } from '#secrets';
import type { ApiKeySnapshot, VerifiableKey } from './api-key-snapshot.js';
import { ApiKeyVerifier, type Caller } from './caller.js';
import { claimedKeyIdOf, keyIdOf } from './domain/key-format.js';
import type { LastUses } from './last-uses.js';
import type { RootSecret } from './root-secret.js';
import { isSameText } from './same-text.js';

/**
 * Verifies against the snapshot in memory. A key that is presented again costs one map look-up and a comparison; the first
 * time, a regular expression, a CRC-32 and an HMAC.
 *
 * What was proven is remembered in the entry of the snapshot, one text a key: callers cannot make it grow, and a key
 * that is revoked, disabled or changed takes it along. Expiry is compared with the clock each time.
 */
export class SnapshotApiKeyVerifier extends ApiKeyVerifier {
  constructor(
    private readonly snapshot: ApiKeySnapshot,
    private readonly peppers: KeyPeppers,
    private readonly root: RootSecret,
    private readonly lastUses: LastUses,
    private readonly clock: Clock,
  ) {
    super();
  }

  override verify(presented: string): Caller | null {
    const key = this.snapshot.get(claimedKeyIdOf(presented));
    if (key === undefined || !this.isSecretOf(key, presented)) return this.root.verify(presented);
    const nowMs = this.clock.nowMs();
    if (nowMs >= key.expiresAtMs) return null;
    this.lastUses.note(key.caller.apiKeyId, nowMs);
    return key.caller;
  }

  override ownerOfRefused(presented: string): ApiKeyId | null {
    const keyId = keyIdOf(presented);
    if (keyId === null) return null;
    const key = this.snapshot.get(keyId) ?? this.snapshot.refused(keyId);
    if (key === undefined || !this.hasHash(key, presented)) return null;
    return 'caller' in key ? key.caller.apiKeyId : key.apiKeyId;
  }

  override holder(apiKeyId: ApiKeyId): Caller | null {
    const key = this.snapshot.ofHolder(apiKeyId);
    return key === undefined || this.clock.nowMs() >= key.expiresAtMs ? null : key.caller;
  }

  private isSecretOf(key: VerifiableKey, presented: string): boolean {
    return (key.proven !== null && isSameText(key.proven.reveal(), presented)) || this.prove(key, presented);
  }

  private prove(key: VerifiableKey, presented: string): boolean {
    if (keyIdOf(presented) === null) return false;
    if (!this.hasHash(key, presented)) return false;
    key.proven = new Secret(presented);
    return true;
  }

  private hasHash({ pepperId, hash }: Pick<VerifiableKey, 'pepperId' | 'hash'>, presented: string): boolean {
    const digest = this.peppers.digest(pepperId, presented);
    return digest !== null && timingSafeEqual(digest, hash);
  }
}
