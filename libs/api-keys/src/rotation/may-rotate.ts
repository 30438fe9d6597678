import { DomainError } from '#kernel';
import { grantsOf } from '../api-key-change.js';
import { refuseBroader } from '../domain/grants.js';
import type { ApiKeyEntity } from '../persistence/api-key.entity.js';

/** Whether a key that made a policy may still have another rotated by it: it is in force, and could give that key itself. */
export function mayRotate(maker: ApiKeyEntity | null, key: ApiKeyEntity, now: Date): boolean {
  if (maker === null || maker.revokedAt !== null || maker.disabledAt !== null) return false;
  if (maker.expiresAt !== null && maker.expiresAt <= now) return false;
  if (!maker.scopes.includes('admin:write')) return false;
  try {
    refuseBroader(grantsOf(maker), grantsOf(key));
    return true;
  } catch (error) {
    if (error instanceof DomainError) return false;
    throw error;
  }
}
