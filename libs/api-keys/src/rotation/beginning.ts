import type { ApiKeyEntity, ApiKeySecretEntity } from '../persistence/api-key.entity.js';
import type { RotationPolicyEntity } from '../persistence/rotation-policy.entity.js';

const dayMs = 86_400_000;

/** What is to be done with a key that is due. */
export type Beginning =
  | { readonly kind: 'never' }
  | { readonly kind: 'later'; readonly at: Date }
  | {
      readonly kind: 'now';
      /** Lookup ids of secrets that have ended. */
      readonly dropped: readonly string[];
      /** Where the new one goes. */
      readonly slot: 1 | 2;
      /** When the one in use ends, whether the new one is handed over or not; `null`: not before that. */
      readonly previousValidUntil: Date | null;
    };

/** Decides whether a key that is due gets a new secret now. A key never has three. */
export function beginningOf(
  { revokedAt, disabledAt, expiresAt }: Pick<ApiKeyEntity, 'revokedAt' | 'disabledAt' | 'expiresAt'>,
  secrets: readonly Pick<ApiKeySecretEntity, 'keyId' | 'slot' | 'validUntil'>[],
  isUnderWay: boolean,
  { hardDeadline, graceSeconds }: Pick<RotationPolicyEntity, 'hardDeadline' | 'graceSeconds'>,
  now: Date,
): Beginning {
  const nowMs = now.getTime();
  const expiresAtMs = expiresAt?.getTime() ?? Infinity;
  const tomorrow: Beginning = { kind: 'later', at: new Date(nowMs + dayMs) };
  if (revokedAt !== null) return { kind: 'never' };
  if (disabledAt !== null || expiresAtMs <= nowMs || isUnderWay) return tomorrow;
  const ends = ({ validUntil }: { validUntil: Date | null }) => validUntil?.getTime() ?? Infinity;
  const live = secrets.filter((secret) => ends(secret) > nowMs);
  if (live.length > 1) {
    const soonestMs = Math.min(...live.map(ends));
    return soonestMs < Infinity ? { kind: 'later', at: new Date(soonestMs) } : tomorrow;
  }
  const [inUse] = live;
  const deadlineMs = inUse === undefined ? nowMs : nowMs + graceSeconds * 1000;
  return {
    kind: 'now',
    dropped: secrets.filter((secret) => secret !== inUse).map(({ keyId }) => keyId),
    slot: inUse?.slot === 1 ? 2 : 1,
    previousValidUntil:
      hardDeadline || inUse === undefined ? new Date(Math.min(deadlineMs, expiresAtMs)) : null,
  };
}
