import { In, Not, type EntityManager } from 'typeorm';
import type { AuditAction, AuditDraft } from '#audit';
import type { Secret } from '#kernel';
import { dueMs, nextLookMs } from '../rotation/timetable.js';
import { ApiKeyEntity, ApiKeySecretEntity } from './api-key.entity.js';
import { RotationPolicyEntity, RotationTargetEntity } from './rotation-policy.entity.js';
import { RotationEntity } from './rotation.entity.js';

/** States of a rotation that has not ended. */
export const underWay = In(['delivering', 'awaiting_claim'] satisfies RotationEntity['state'][]);

/** A rotation, whoever works on it (`fence` left out) or by who holds this lease alone. */
export type RunRef = Pick<RotationEntity, 'id' | 'apiKeyId'> & { readonly fence?: number };

/** The key, which nobody else changes until the transaction ends. Every step locks it first. */
export const lockedKey = (manager: EntityManager, id: string): Promise<ApiKeyEntity | null> =>
  manager.findOne(ApiKeyEntity, { where: { id }, lock: { mode: 'pessimistic_write' } });

/** Why a key is not worth a new secret; `null`: it is. */
export function deathOf({ revokedAt, disabledAt, expiresAt }: ApiKeyEntity, now: Date): string | null {
  if (revokedAt !== null) return 'key_revoked';
  if (disabledAt !== null) return 'key_disabled';
  return expiresAt !== null && expiresAt <= now ? 'key_expired' : null;
}

const dayMs = 86_400_000;
const ended = { sealedSecret: null, claimHash: null, nextLookAt: null, leasedUntil: null };

/**
 * Ends a rotation whose secret nobody got: it is refused from now on. What was said of the older secret's end is taken back when
 * the rotation is called off, not when it failed: then another is begun a day later.
 *
 * @returns the event, or `null` when it had ended already or the lease is lost
 */
export async function endInVain(
  manager: EntityManager,
  run: RunRef,
  state: 'failed' | 'aborted',
  reason: string,
  now: Date,
): Promise<AuditDraft | null> {
  const { id, apiKeyId, fence } = run;
  const row = await manager.findOneBy(RotationEntity, {
    id,
    state: underWay,
    ...(fence !== undefined && { fence }),
  });
  if (row === null) return null;
  const isCalledOff = state === 'aborted' && row.previousValidUntil !== null;
  const previousValidUntil = isCalledOff ? null : row.previousValidUntil;
  await manager.update(RotationEntity, { id }, { ...ended, state, reason, previousValidUntil });
  await manager.delete(ApiKeySecretEntity, { apiKeyId, keyId: row.newKeyId ?? '' });
  if (isCalledOff) await manager.query(goesOn, [apiKeyId, now]);
  if (state === 'failed') await manager.query(againTomorrow, [apiKeyId, new Date(now.getTime() + dayMs)]);
  return stepEvent(state === 'failed' ? 'rotation.failed' : 'rotation.aborted', run, { reason });
}

/**
 * Ends a rotation whose secret was handed over: the older one goes on for the grace.
 *
 * @returns the event, or `null` when it had ended already, another token is good for it, or the lease is lost
 */
export async function endHandedOver(
  manager: EntityManager,
  key: ApiKeyEntity,
  run: RunRef & { readonly claimHash?: Buffer },
  secret: Secret,
  now: Date,
): Promise<AuditDraft | null> {
  const { id, apiKeyId, fence, claimHash } = run;
  const where = {
    id,
    state: underWay,
    ...(fence !== undefined && { fence }),
    ...(claimHash && { claimHash }),
  };
  const row = await manager.findOneBy(RotationEntity, where);
  if (row?.newKeyId == null) return null;
  const policy = await manager.findOneBy(RotationPolicyEntity, { id: row.policyId ?? id });
  const ends = now.getTime() + (policy?.graceSeconds ?? 0) * 1000;
  const expires = key.expiresAt?.getTime() ?? Infinity;
  const previousValidUntil = row.previousValidUntil ?? new Date(Math.min(ends, expires));
  const older = { apiKeyId, keyId: Not(row.newKeyId) };
  if (row.previousValidUntil === null)
    await manager.update(ApiKeySecretEntity, older, { validUntil: previousValidUntil });
  const change = { ...ended, state: 'completed' as const, reason: null, previousValidUntil };
  await manager.update(RotationEntity, { id }, change);
  const action = row.state === 'delivering' ? 'rotation.delivered' : 'rotation.claimed';
  return { ...stepEvent(action, run, { previousValidUntil }), secrets: [secret] };
}

/** What the audit log says of a step. */
export const stepEvent = (
  action: AuditAction,
  { id, apiKeyId }: RunRef,
  facts: AuditDraft['facts'] = null,
): AuditDraft => ({
  action,
  targets: [`api_key:${apiKeyId}`, `rotation:${id}`],
  facts,
  ...(action === 'rotation.failed' && { outcome: 'failed' as const }),
});

/** A key under a policy that was given a new secret is due again after the time of the policy; whoever is at it gives up. */
export async function putOff(manager: EntityManager, apiKeyId: string, nowMs: number): Promise<void> {
  const target = await manager.findOneBy(RotationTargetEntity, { apiKeyId });
  const policy = target && (await manager.findOneBy(RotationPolicyEntity, { id: target.policyId }));
  if (policy == null) return;
  const due = dueMs(apiKeyId, policy, nowMs);
  const times = [new Date(due), new Date(nextLookMs(due, policy, nowMs))];
  await manager.query(setDue, [apiKeyId, ...times]);
}

const goesOn = 'UPDATE api_key_secrets SET valid_until = NULL WHERE api_key_id = $1 AND valid_until > $2';
const againTomorrow = 'UPDATE rotation_targets SET due_at = $2, next_look_at = $2 WHERE api_key_id = $1';
const setDue = `
  UPDATE rotation_targets SET due_at = $2, next_look_at = $3, fence = fence + 1, leased_until = NULL WHERE api_key_id = $1`;
