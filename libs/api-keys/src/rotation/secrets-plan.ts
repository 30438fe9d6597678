import { DomainError } from '#kernel';

/** A secret of a key, as far as a rotation is concerned. */
export interface HeldSecret {
  readonly keyId: string;
  readonly slot: 1 | 2;
  /** ms since the epoch; `Infinity`: as long as the key. */
  readonly validUntilMs: number;
}

/** A key that is to be rotated, and how. Times in ms since the epoch. */
export interface RotationPlan {
  readonly nowMs: number;
  /** `Infinity`: never. */
  readonly keyExpiresAtMs: number;
  /** How long the secret in use goes on beside the new one. */
  readonly graceMs: number;
  /** Ends a rotation under way instead of being refused. */
  readonly emergency: boolean;
}

/** What becomes of the secrets a key has. */
export interface SecretsPlan {
  /** Lookup ids of those that end now. */
  readonly dropped: readonly string[];
  /** The one that goes on beside the new one, and until when; `null`: none does. */
  readonly kept: HeldSecret | null;
  /** Where the new one goes. */
  readonly slot: 1 | 2;
}

/**
 * Decides which secret of a key lives on beside a new one: at most one, and never longer than the key.
 *
 * In an emergency the secret that was to be replaced ends at once: the older of two, whose successor goes on for the grace, or the
 * only one.
 *
 * @throws DomainError `conflict` while two are valid, without `emergency`
 */
export function planSecrets(secrets: readonly HeldSecret[], plan: RotationPlan): SecretsPlan {
  const { nowMs, keyExpiresAtMs, graceMs, emergency } = plan;
  const live = secrets.filter(({ validUntilMs }) => validUntilMs > nowMs);
  const isUnderWay = live.length > 1;
  if (isUnderWay && !emergency) throw rotationUnderWay();
  const newest = live.toSorted((a, b) => b.validUntilMs - a.validUntilMs)[0];
  const goesOn = newest === undefined || (emergency && !isUnderWay) ? null : newest;
  const validUntilMs = Math.min(nowMs + graceMs, keyExpiresAtMs, goesOn?.validUntilMs ?? nowMs);
  const kept = goesOn === null || validUntilMs <= nowMs ? null : { ...goesOn, validUntilMs };
  return {
    dropped: secrets.map(({ keyId }) => keyId).filter((keyId) => keyId !== kept?.keyId),
    kept,
    slot: kept?.slot === 1 ? 2 : 1,
  };
}

const rotationUnderWay = (): DomainError =>
  new DomainError(
    'conflict',
    'Two secrets of the API key are valid already. Wait for the older one to end, or send emergency: true to end it now.',
  );
