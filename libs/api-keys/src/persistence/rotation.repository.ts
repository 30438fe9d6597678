import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, In, MoreThan, type EntityManager, type Repository } from 'typeorm';
import { AuditTrail, type AuditDraft } from '#audit';
import type { Secret } from '#kernel';
import { isScheduled, keyIsRevoked, noSuchKey } from '../api-keys.errors.js';
import type { SecretsPlan } from '../rotation/secrets-plan.js';
import { ApiKeyEntity, ApiKeySecretEntity } from './api-key.entity.js';
import type { NewSecretRow } from './api-key.repository.js';
import { endInVain, putOff, underWay } from './rotation-step.js';
import { RotationEntity } from './rotation.entity.js';

/** A rotation to be done, while nobody else changes the key. */
export interface RotationWork {
  readonly apiKeyId: string;
  readonly cause: RotationEntity['cause'];
  readonly requestKey: string | null;
  readonly now: Date;
  /** Decides; whatever it throws ends the transaction. */
  plan(key: ApiKeyEntity, secrets: readonly ApiKeySecretEntity[]): SecretsPlan;
  /** Makes the new secret. */
  issue(slot: 1 | 2): { readonly row: NewSecretRow; readonly secret: Secret };
}

/** A rotation, and the new secret where it was done now. */
export interface RotationResult {
  readonly row: { readonly id: string; readonly previousValidUntil: Date | null };
  readonly secret: Secret | null;
}

/** Reads and writes rotations; each goes with its event of the audit log, in one transaction. */
@Injectable()
export class RotationRepository {
  constructor(
    @InjectRepository(RotationEntity) private readonly rows: Repository<RotationEntity>,
    private readonly audit: AuditTrail,
  ) {}

  byId(id: string): Promise<RotationEntity | null> {
    return this.rows.findOneBy({ id });
  }

  /** The newest first. */
  page(apiKeyId: string | undefined, limit: number, beforeId: string | null): Promise<RotationEntity[]> {
    const where = {
      ...(apiKeyId !== undefined && { apiKeyId }),
      ...(beforeId !== null && { id: LessThan(beforeId) }),
    };
    return this.rows.find({ where, order: { id: 'DESC' }, take: limit });
  }

  /**
   * Replaces the secret of a key, which stays locked meanwhile. A request that was done already is found by its key and not done
   * again.
   *
   * @param id of the new rotation
   * @throws DomainError `not_found`, `conflict` when it is revoked, and what `plan` throws
   */
  rotate(id: string, work: RotationWork): Promise<RotationResult> {
    const { apiKeyId, requestKey } = work;
    return this.rows.manager.transaction(async (manager) => {
      const key = await manager.findOne(ApiKeyEntity, {
        where: { id: apiKeyId },
        lock: { mode: 'pessimistic_write' },
      });
      if (key === null) throw noSuchKey(apiKeyId);
      const known =
        requestKey === null ? null : await manager.findOneBy(RotationEntity, { apiKeyId, requestKey });
      if (known !== null) return { row: known, secret: null };
      if (key.revokedAt !== null) throw keyIsRevoked();
      const ended = await endScheduled(manager, work);
      const plan = work.plan(key, await manager.findBy(ApiKeySecretEntity, { apiKeyId }));
      const { result, event } = await replaceSecret(manager, id, work, plan);
      await this.audit.append(manager, [...ended, event]);
      return result;
    });
  }
}

/** An emergency ends a rotation whose secret nobody has yet; else it is in the way. */
async function endScheduled(
  manager: EntityManager,
  { apiKeyId, cause, now }: RotationWork,
): Promise<AuditDraft[]> {
  const run = await manager.findOneBy(RotationEntity, { apiKeyId, state: underWay });
  if (run === null) return [];
  if (cause !== 'emergency') throw isScheduled(run.id);
  const event = await endInVain(manager, { id: run.id, apiKeyId }, 'aborted', 'emergency', now);
  return event === null ? [] : [event];
}

async function replaceSecret(
  manager: EntityManager,
  id: string,
  { apiKeyId, cause, requestKey, now, issue }: RotationWork,
  { dropped, kept, slot }: SecretsPlan,
): Promise<{ readonly result: RotationResult; readonly event: AuditDraft }> {
  const previousValidUntil = kept === null ? now : new Date(kept.validUntilMs);
  if (dropped.length > 0) await manager.delete(ApiKeySecretEntity, { keyId: In([...dropped]) });
  if (kept !== null)
    await manager.update(ApiKeySecretEntity, { keyId: kept.keyId }, { validUntil: previousValidUntil });
  const { row, secret } = issue(slot);
  await manager.insert(ApiKeySecretEntity, row);
  await manager.update(
    RotationEntity,
    { apiKeyId, previousValidUntil: MoreThan(now) },
    { previousValidUntil: now },
  );
  await putOff(manager, apiKeyId, now.getTime());
  const rotation = { id, apiKeyId, cause, requestKey, previousValidUntil };
  await manager.insert(RotationEntity, { ...rotation, resourceKind: 'api_key' });
  const facts = { cause, previousValidUntil };
  const targets = [`api_key:${apiKeyId}`, `rotation:${id}`];
  return {
    result: { row: rotation, secret },
    event: { action: 'api_key.rotated', targets, facts, secrets: [secret] },
  };
}
