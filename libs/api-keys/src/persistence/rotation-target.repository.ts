import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, type EntityManager, type Repository } from 'typeorm';
import { AuditTrail, type AuditDraft } from '#audit';
import type { Secret } from '#kernel';
import { beginningOf, type Beginning } from '../rotation/beginning.js';
import { dueMs, nextLookMs } from '../rotation/timetable.js';
import { ApiKeySecretEntity, type ApiKeyEntity } from './api-key.entity.js';
import type { NewSecretRow } from './api-key.repository.js';
import { RotationPolicyEntity, RotationTargetEntity } from './rotation-policy.entity.js';
import { isAllowed } from './rotation-run.repository.js';
import { lockedKey, stepEvent, underWay } from './rotation-step.js';
import { RotationEntity } from './rotation.entity.js';

/** A key that is to be looked at, for this process alone until the lease ends. */
export type LeasedTarget = Pick<RotationTargetEntity, 'apiKeyId' | 'policyId' | 'fence' | 'dueAt'>;

/** A secret made for a rotation that is to begin. */
export interface PreparedRun {
  readonly id: string;
  readonly secretRow: NewSecretRow;
  readonly secret: Secret;
  readonly sealedSecret: Buffer;
  /** How long other processes may take to know the new secret, ms: it is delivered no sooner. */
  readonly propagationMs: number;
}

/** What came of a key that was due. */
export type Begun = 'begun' | 'refused' | 'put_off' | 'lost';

const dayMs = 86_400_000;

/** Keys under policies: who is due, warnings, and the beginning of rotations. */
@Injectable()
export class RotationTargetRepository {
  constructor(
    @InjectRepository(RotationTargetEntity) private readonly rows: Repository<RotationTargetEntity>,
    private readonly audit: AuditTrail,
  ) {}

  async lease(now: Date, untilMs: number, limit: number): Promise<LeasedTarget[]> {
    const [leased]: [LeasedTarget[]] = await this.rows.query(leaseTargets, [now, new Date(untilMs), limit]);
    return leased;
  }

  policyOf({ policyId }: LeasedTarget): Promise<RotationPolicyEntity | null> {
    return this.rows.manager.findOneBy(RotationPolicyEntity, { id: policyId });
  }

  /** @returns whether the warning was noted: by this process and by no other */
  warn(target: LeasedTarget, nextLookAt: Date): Promise<boolean> {
    const { apiKeyId, policyId, dueAt } = target;
    return this.rows.manager.transaction(async (manager) => {
      if (!(await look(manager, target, dueAt, nextLookAt))) return false;
      const targets = [`api_key:${apiKeyId}`, `rotation_policy:${policyId}`];
      await this.audit.append(manager, [{ action: 'rotation.warned', targets, facts: { dueAt } }]);
      return true;
    });
  }

  /** Begins the rotation of a key that is due, or puts it off; all or nothing. */
  begin(target: LeasedTarget, prepared: PreparedRun, now: Date): Promise<Begun> {
    return this.rows.manager.transaction(async (manager) => {
      const key = await lockedKey(manager, target.apiKeyId);
      const policy = await manager.findOneBy(RotationPolicyEntity, { id: target.policyId });
      if (key === null || policy === null) return 'lost';
      const secrets = await manager.findBy(ApiKeySecretEntity, { apiKeyId: key.id });
      const isUnderWay = await manager.existsBy(RotationEntity, { apiKeyId: key.id, state: underWay });
      const beginning = beginningOf(key, secrets, isUnderWay, policy, now);
      if (beginning.kind === 'never') {
        await manager.delete(RotationTargetEntity, { apiKeyId: key.id, fence: target.fence });
        return 'put_off';
      }
      if (beginning.kind === 'later')
        return (await look(manager, target, beginning.at, beginning.at)) ? 'put_off' : 'lost';
      const mayGo = await isAllowed(manager, policy, key, now);
      const due = mayGo ? dueMs(key.id, policy, now.getTime()) : now.getTime() + dayMs;
      const next = mayGo ? nextLookMs(due, policy, now.getTime()) : due;
      if (!(await look(manager, target, new Date(due), new Date(next)))) return 'lost';
      const event = await (mayGo
        ? insertRun(manager, key, policy, beginning, prepared, now)
        : insertRefused(manager, key, policy, prepared.id));
      await this.audit.append(manager, [event]);
      return mayGo ? 'begun' : 'refused';
    });
  }
}

/** @returns whether the lease holds */
async function look(
  manager: EntityManager,
  { apiKeyId, policyId, fence }: LeasedTarget,
  dueAt: Date,
  nextLookAt: Date,
): Promise<boolean> {
  const where = { apiKeyId, policyId, fence };
  const { affected } = await manager.update(RotationTargetEntity, where, {
    dueAt,
    nextLookAt,
    leasedUntil: null,
  });
  return affected === 1;
}

async function insertRun(
  manager: EntityManager,
  key: ApiKeyEntity,
  policy: RotationPolicyEntity,
  { dropped, slot, previousValidUntil }: Extract<Beginning, { kind: 'now' }>,
  { id, secretRow, secret, sealedSecret, propagationMs }: PreparedRun,
  now: Date,
): Promise<AuditDraft> {
  if (dropped.length > 0) await manager.delete(ApiKeySecretEntity, { keyId: In([...dropped]) });
  if (previousValidUntil !== null)
    await manager.update(ApiKeySecretEntity, { apiKeyId: key.id }, { validUntil: previousValidUntil });
  await manager.insert(ApiKeySecretEntity, { ...secretRow, slot });
  const { delivery } = policy;
  const isClaimed = delivery.kind === 'claim';
  const waitMs = isClaimed ? delivery.claimSeconds * 1000 : propagationMs;
  await manager.insert(RotationEntity, {
    ...scheduled(id, key, policy),
    state: isClaimed ? 'awaiting_claim' : 'delivering',
    previousValidUntil,
    newKeyId: secretRow.keyId,
    sealedSecret,
    nextLookAt: new Date(now.getTime() + waitMs),
  });
  const facts = { policyId: policy.id, delivery: delivery.kind };
  return { ...stepEvent('rotation.started', { id, apiKeyId: key.id }, facts), secrets: [secret] };
}

/** For people to see that nothing happened, and why. */
async function insertRefused(
  manager: EntityManager,
  key: ApiKeyEntity,
  policy: RotationPolicyEntity,
  id: string,
): Promise<AuditDraft> {
  const reason = 'maker_not_allowed';
  await manager.insert(RotationEntity, { ...scheduled(id, key, policy), state: 'failed', reason });
  return stepEvent('rotation.failed', { id, apiKeyId: key.id }, { reason, policyId: policy.id });
}

const scheduled = (id: string, key: ApiKeyEntity, policy: RotationPolicyEntity) =>
  ({ id, resourceKind: 'api_key', apiKeyId: key.id, cause: 'scheduled', policyId: policy.id }) as const;

const leaseTargets = `
  UPDATE rotation_targets SET fence = fence + 1, leased_until = $2 WHERE api_key_id IN (
    SELECT api_key_id FROM rotation_targets
    WHERE next_look_at <= $1 AND (leased_until IS NULL OR leased_until <= $1)
    ORDER BY next_look_at FOR UPDATE SKIP LOCKED LIMIT $3)
  RETURNING api_key_id AS "apiKeyId", policy_id AS "policyId", fence, due_at AS "dueAt"`;
