import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type EntityManager, type Repository } from 'typeorm';
import { AuditTrail, type AuditDraft } from '#audit';
import type { Secret } from '#kernel';
import { mayRotate } from '../rotation/may-rotate.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { RotationPolicyEntity } from './rotation-policy.entity.js';
import {
  deathOf,
  endHandedOver,
  endInVain,
  lockedKey,
  stepEvent,
  underWay,
  type RunRef,
} from './rotation-step.js';
import { RotationEntity } from './rotation.entity.js';

/** What a rotation under way is about. */
export interface RunSurroundings {
  readonly key: ApiKeyEntity;
  readonly policy: RotationPolicyEntity | null;
  /** Whether who answers for the policy may give this key. */
  readonly isAllowed: boolean;
}

/** Steps of rotations by timetable after they have begun; each goes with its event of the audit log, in one transaction. */
@Injectable()
export class RotationRunRepository {
  constructor(
    @InjectRepository(RotationEntity) private readonly rows: Repository<RotationEntity>,
    private readonly audit: AuditTrail,
  ) {}

  byClaim(claimHash: Buffer): Promise<RotationEntity | null> {
    return this.rows.findOneBy({ claimHash, state: 'awaiting_claim' });
  }

  async surroundingsOf({ apiKeyId, policyId }: RotationEntity, now: Date): Promise<RunSurroundings | null> {
    const { manager } = this.rows;
    const key = await manager.findOneBy(ApiKeyEntity, { id: apiKeyId });
    if (key === null) return null;
    const policy = policyId === null ? null : await manager.findOneBy(RotationPolicyEntity, { id: policyId });
    return { key, policy, isAllowed: policy !== null && (await isAllowed(manager, policy, key, now)) };
  }

  /** Rotations under way that are to be looked at, for this process alone until the lease ends. */
  async lease(now: Date, untilMs: number, limit: number): Promise<RotationEntity[]> {
    const [leased]: [{ id: string; fence: number }[]] = await this.rows.query(leaseRuns, [
      now,
      new Date(untilMs),
      limit,
    ]);
    const fences = new Map(leased.map(({ id, fence }) => [id, fence]));
    const rows = await this.rows.findBy({ id: In([...fences.keys()]) });
    return rows.filter(({ id, fence }) => fences.get(id) === fence);
  }

  /** Rotations under way of keys that are good for nothing any more. */
  dead(now: Date, limit: number): Promise<(RunRef & { readonly reason: string })[]> {
    return this.rows.query(deadRuns, [now, limit]);
  }

  /** @returns whether it had not ended yet, and the lease holds */
  endInVain(run: RunRef, state: 'failed' | 'aborted', reason: string, now: Date): Promise<boolean> {
    return this.step(run, (manager) => endInVain(manager, run, state, reason, now));
  }

  /**
   * Notes that the secret was handed over; of a key that is good for nothing any more the rotation is aborted.
   *
   * @returns whether it was noted: else the secret is not to be shown
   */
  async endHandedOver(
    run: RunRef & { readonly claimHash?: Buffer },
    secret: Secret,
    now: Date,
  ): Promise<boolean> {
    let death: string | null = null;
    const isDone = await this.step(run, (manager, key) => {
      death = deathOf(key, now);
      return death === null
        ? endHandedOver(manager, key, run, secret, now)
        : endInVain(manager, run, 'aborted', death, now);
    });
    return isDone && death === null;
  }

  /** Notes a delivery in vain. Nothing when the lease is lost. */
  async deliverLater(
    { id, fence }: RotationEntity,
    attempts: number,
    reason: string,
    at: Date,
  ): Promise<void> {
    const where = { id, fence, state: underWay };
    await this.rows.update(where, { attempts, reason, nextLookAt: at, leasedUntil: null });
  }

  /** @returns whether it awaits a claim */
  offer(run: RunRef, claimHash: Buffer, token: Secret, now: Date): Promise<boolean> {
    return this.step(run, async (manager) => {
      const [, count]: [unknown, number] = await manager.query(setClaim, [run.id, claimHash, now]);
      return count === 0 ? null : { ...stepEvent('rotation.claim_token_made', run), secrets: [token] };
    });
  }

  /** @returns whether it is being delivered, or the key is under a policy and not being rotated */
  again({ id, apiKeyId, state }: RotationEntity, now: Date): Promise<boolean> {
    return this.step({ id, apiKeyId }, async (manager) => {
      const [statement, parameter] = state === 'delivering' ? [deliverNow, id] : [beginNow, apiKeyId];
      const [, count]: [unknown, number] = await manager.query(statement, [parameter, now]);
      return count === 0 ? null : stepEvent('rotation.retried', { id, apiKeyId });
    });
  }

  private step(
    { apiKeyId }: RunRef,
    change: (manager: EntityManager, key: ApiKeyEntity) => Promise<AuditDraft | null>,
  ): Promise<boolean> {
    return this.rows.manager.transaction(async (manager) => {
      const key = await lockedKey(manager, apiKeyId);
      const event = key === null ? null : await change(manager, key);
      if (event !== null) await this.audit.append(manager, [event]);
      return event !== null;
    });
  }
}

/** Whether who answers for a policy may, now, give a key. */
export async function isAllowed(
  manager: EntityManager,
  { maker }: RotationPolicyEntity,
  key: ApiKeyEntity,
  now: Date,
): Promise<boolean> {
  if (maker === 'root') return true;
  return mayRotate(await manager.findOneBy(ApiKeyEntity, { id: maker }), key, now);
}

const leaseRuns = `
  UPDATE rotations SET fence = fence + 1, leased_until = $2 WHERE id IN (
    SELECT id FROM rotations
    WHERE state IN ('delivering', 'awaiting_claim') AND next_look_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
    ORDER BY next_look_at FOR UPDATE SKIP LOCKED LIMIT $3)
  RETURNING id, fence`;
const deadRuns = `
  SELECT rotations.id, api_key_id AS "apiKeyId", CASE WHEN revoked_at IS NOT NULL THEN 'key_revoked'
    WHEN disabled_at IS NOT NULL THEN 'key_disabled' ELSE 'key_expired' END AS reason
  FROM rotations JOIN api_keys ON api_keys.id = api_key_id
  WHERE state IN ('delivering', 'awaiting_claim')
    AND (revoked_at IS NOT NULL OR disabled_at IS NOT NULL OR expires_at <= $1) LIMIT $2`;
const setClaim = `
  UPDATE rotations SET claim_hash = $2 WHERE id = $1 AND state = 'awaiting_claim' AND next_look_at > $3`;
const deliverNow = `UPDATE rotations SET next_look_at = $2 WHERE id = $1 AND state = 'delivering'`;
const beginNow = `
  UPDATE rotation_targets SET due_at = $2, next_look_at = $2 WHERE api_key_id = $1 AND NOT EXISTS (
    SELECT 1 FROM rotations WHERE api_key_id = $1 AND state IN ('delivering', 'awaiting_claim'))`;
