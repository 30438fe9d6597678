import { Injectable } from '@nestjs/common';
import { InjectRepository } from '@nestjs/typeorm';
import { In, MoreThan, type EntityManager, type Repository } from 'typeorm';
import { AuditTrail, changesOf, type AuditDraft } from '#audit';
import { DomainError, type Secret } from '#kernel';
import { noSuchPolicy } from '../api-keys.errors.js';
import type { Delivery } from '../rotation/policy-draft.js';
import { firstDueMs, nextLookMs } from '../rotation/timetable.js';
import { ApiKeyEntity } from './api-key.entity.js';
import { RotationPolicyEntity, RotationTargetEntity } from './rotation-policy.entity.js';

/** What people decide about a policy, and who they are. */
export type PolicyRow = Omit<RotationPolicyEntity, 'version' | 'createdAt' | 'updatedAt'>;

/** A policy and its keys. */
export interface HeldPolicy {
  readonly row: RotationPolicyEntity;
  readonly targets: readonly RotationTargetEntity[];
}

/** How a policy is written. */
export interface PolicyWork {
  readonly nowMs: number;
  /** Whether a key may be under it; throws when not. */
  check(key: ApiKeyEntity): void;
  /** Made with it; never written here. */
  readonly signingSecret: Secret | null;
}

const audited = [
  'name',
  'everyDays',
  'windowHours',
  'graceSeconds',
  'hardDeadline',
  'warnDays',
  'delivery',
  'maker',
  'targetIds',
] as const;
const timing = ['everyDays', 'windowHours', 'warnDays'] as const;

/** Reads and writes policies; each change goes with its event of the audit log, in one transaction. */
@Injectable()
export class RotationPolicyRepository {
  constructor(
    @InjectRepository(RotationPolicyEntity) private readonly rows: Repository<RotationPolicyEntity>,
    private readonly audit: AuditTrail,
  ) {}

  async byId(id: string): Promise<HeldPolicy | null> {
    const row = await this.rows.findOneBy({ id });
    return row === null ? null : { row, targets: await targetsOf(this.rows.manager, [id]) };
  }

  /** In order of id, which is the order of creation. */
  async page(limit: number, afterId: string | null): Promise<HeldPolicy[]> {
    const where = afterId === null ? {} : { id: MoreThan(afterId) };
    const rows = await this.rows.find({ where, order: { id: 'ASC' }, take: limit });
    const targets = Map.groupBy(
      await targetsOf(
        this.rows.manager,
        rows.map(({ id }) => id),
      ),
      ({ policyId }) => policyId,
    );
    return rows.map((row) => ({ row, targets: targets.get(row.id) ?? [] }));
  }

  /** @throws DomainError `conflict` when the name is taken or a key has another policy, `invalid_request` when there is no such key */
  insert(row: PolicyRow, ids: readonly string[], work: PolicyWork): Promise<void> {
    return this.changing(async (manager) => {
      await manager.insert(RotationPolicyEntity, row);
      const keys = await checkedKeys(manager, ids, work);
      await addTargets(manager, row, keys, work.nowMs);
      await this.note(
        manager,
        'rotation_policy.created',
        null,
        { ...row, targetIds: ids },
        work.signingSecret,
      );
    });
  }

  /**
   * Changes a policy, which stays locked meanwhile.
   *
   * @param change of the row as it is
   * @param ids the keys it is to have; `undefined`: those it has
   * @throws DomainError `not_found`, `conflict` when it is at another version, and as {@link insert}
   */
  update(
    id: string,
    version: number,
    change: (row: RotationPolicyEntity) => Omit<PolicyRow, 'id' | 'targetKind'>,
    ids: readonly string[] | undefined,
    work: PolicyWork,
  ): Promise<void> {
    return this.changing(async (manager) => {
      const row = await locked(manager, id);
      if (row.version !== version)
        throw new DomainError('conflict', 'The rotation policy has changed since it was read.');
      const present = await targetsOf(manager, [id]);
      const before = present.map(({ apiKeyId }) => apiKeyId);
      const wanted = new Set(ids ?? before);
      // Those that go are checked too: what they were promised ends.
      const keys = await checkedKeys(manager, [...new Set([...before, ...wanted])], work);
      const after = { ...row, ...change(row) };
      await manager.update(RotationPolicyEntity, { id }, change(row));
      const gone = before.filter((each) => !wanted.has(each));
      if (gone.length > 0) await manager.delete(RotationTargetEntity, { apiKeyId: In(gone) });
      const isMoved = timing.some((field) => String(row[field]) !== String(after[field]));
      const placed = keys.filter((key) => wanted.has(key.id) && (isMoved || !before.includes(key.id)));
      await addTargets(manager, after, placed, work.nowMs);
      const facts = { before: { ...row, targetIds: before }, after: { ...after, targetIds: [...wanted] } };
      await this.note(manager, 'rotation_policy.changed', facts.before, facts.after, work.signingSecret);
    });
  }

  /** @throws DomainError `not_found`, or `conflict` while keys are under it or rotated by it */
  remove(id: string): Promise<void> {
    return this.changing(async (manager) => {
      const row = await locked(manager, id);
      const used: unknown[] = await manager.query(inUse, [id]);
      if (used.length > 0)
        throw new DomainError(
          'conflict',
          'API keys are rotated by the policy. Take them out, and abort or await rotations under way.',
        );
      await manager.delete(RotationPolicyEntity, { id });
      await this.note(manager, 'rotation_policy.deleted', { ...row, targetIds: [] }, null, null);
    });
  }

  private async changing(change: (manager: EntityManager) => Promise<void>): Promise<void> {
    try {
      await this.rows.manager.transaction(change);
    } catch (error) {
      const { code, constraint } = error as { code?: unknown; constraint?: unknown };
      if (code !== '23505') throw error;
      throw constraint === 'uq_rotation_policies_name'
        ? new DomainError('conflict', 'There is a rotation policy of this name already.', { field: 'name' })
        : new DomainError('conflict', 'One of the API keys is rotated by another policy.', {
            field: 'target.ids',
          });
    }
  }

  private async note(
    manager: EntityManager,
    action: AuditDraft['action'],
    before: AuditedPolicy | null,
    after: AuditedPolicy | null,
    secret: Secret | null,
  ): Promise<void> {
    const changes = changesOf(audited, before && shown(before), after && shown(after));
    const targets = [`rotation_policy:${(after ?? before)?.id ?? ''}`];
    await this.audit.append(manager, [
      { action, targets, ...changes, ...(secret !== null && { secrets: [secret] }) },
    ]);
  }
}

type AuditedPolicy = PolicyRow & { readonly targetIds: readonly string[] };

/** Paths and queries of receivers may hold what is nobody's business. */
const shown = (row: AuditedPolicy): object => ({ ...row, delivery: withoutPath(row.delivery) });
const withoutPath = (delivery: Delivery): object =>
  delivery.kind === 'claim' ? delivery : { ...delivery, url: new URL(delivery.url).origin };

async function targetsOf(manager: EntityManager, policyIds: string[]): Promise<RotationTargetEntity[]> {
  const where = { policyId: In(policyIds) };
  return manager.find(RotationTargetEntity, { where, order: { apiKeyId: 'ASC' } });
}

/** Not against rotations that begin: they refer to it. */
async function locked(manager: EntityManager, id: string): Promise<RotationPolicyEntity> {
  const lock = { mode: 'for_no_key_update' } as const;
  const row = await manager.findOne(RotationPolicyEntity, { where: { id }, lock });
  if (row === null) throw noSuchPolicy(id);
  return row;
}

/** The keys, which nobody changes until the transaction ends. */
async function checkedKeys(
  manager: EntityManager,
  ids: readonly string[],
  { check }: PolicyWork,
): Promise<ApiKeyEntity[]> {
  if (ids.length === 0) return [];
  const lock = { mode: 'pessimistic_read' } as const;
  const keys = await manager.find(ApiKeyEntity, { where: { id: In([...ids]) }, order: { id: 'ASC' }, lock });
  const known = new Set(keys.map(({ id }) => id));
  const missing = ids.find((id) => !known.has(id));
  if (missing !== undefined)
    throw new DomainError('invalid_request', `There is no API key '${missing}'.`, { field: 'target.ids' });
  for (const key of keys) check(key);
  return keys;
}

async function addTargets(
  manager: EntityManager,
  policy: PolicyRow,
  keys: readonly ApiKeyEntity[],
  nowMs: number,
): Promise<void> {
  if (keys.length === 0) return;
  const rows: { id: string; at: Date }[] = await manager.query(newestSecrets, [keys.map(({ id }) => id)]);
  const madeAt = new Map(rows.map(({ id, at }) => [id, at.getTime()]));
  const targets = keys.map(({ id }) => {
    const due = firstDueMs(id, policy, madeAt.get(id) ?? nowMs, nowMs);
    const nextLookAt = new Date(nextLookMs(due, policy, nowMs));
    return { apiKeyId: id, policyId: policy.id, dueAt: new Date(due), nextLookAt };
  });
  // Another policy's row of the same key is in the way, this policy's own is replaced.
  await manager.delete(RotationTargetEntity, { policyId: policy.id, apiKeyId: In(keys.map(({ id }) => id)) });
  await manager.insert(RotationTargetEntity, targets);
}

const newestSecrets = `
  SELECT api_key_id AS id, max(created_at) AS at FROM api_key_secrets WHERE api_key_id = ANY ($1) GROUP BY api_key_id`;
const inUse = `
  SELECT 1 FROM rotation_targets WHERE policy_id = $1
  UNION ALL SELECT 1 FROM rotations WHERE policy_id = $1 AND state IN ('delivering', 'awaiting_claim') LIMIT 1`;
