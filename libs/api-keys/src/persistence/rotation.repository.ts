import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { LessThan, In, MoreThan, type EntityManager, type Repository } from 'typeorm';
import { AuditTrail } from '#audit';
import type { Secret } from '#kernel';
import { keyIsRevoked, noSuchKey } from '../api-keys.errors.js';
import type { SecretsPlan } from '../rotation/secrets-plan.js';
import { ApiKeyEntity, ApiKeySecretEntity } from './api-key.entity.js';
import type { NewSecretRow } from './api-key.repository.js';
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
      const plan = work.plan(key, await manager.findBy(ApiKeySecretEntity, { apiKeyId }));
      return replaceSecret(manager, this.audit, id, work, plan);
    });
  }
}

async function replaceSecret(
  manager: EntityManager,
  audit: AuditTrail,
  id: string,
  { apiKeyId, cause, requestKey, now, issue }: RotationWork,
  { dropped, kept, slot }: SecretsPlan,
): Promise<RotationResult> {
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
  const rotation = { id, apiKeyId, cause, requestKey, previousValidUntil };
  await manager.insert(RotationEntity, { ...rotation, resourceKind: 'api_key' });
  const facts = { cause, previousValidUntil };
  const targets = [`api_key:${apiKeyId}`, `rotation:${id}`];
  await audit.append(manager, [{ action: 'api_key.rotated', targets, facts, secrets: [secret] }]);
  return { row: rotation, secret };
}
