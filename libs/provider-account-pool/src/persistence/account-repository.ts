import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import { AuditTrail, changesOf, type AuditDraft } from '#audit';
import type { Secret } from '#kernel';
import type { TimelineEvent } from '../domain/timeline.js';
import type { StoredFingerprints } from '../fingerprints/credential-fingerprints.js';
import { credentialTaken } from '../provider-account-pool.errors.js';
import { AccountCredentialEntity } from './account-credential.entity.js';
import { AccountEntity } from './account.entity.js';
import { eventRow } from './account-event-row.js';
import { AccountEventEntity } from './account-event.entity.js';
import { accountFields } from './audited-fields.js';
import { ownerOf } from './credential-rows.js';
import { changing } from './database-faults.js';

/** What people decide about an account. */
export type AccountRow = Pick<
  AccountEntity,
  | 'name'
  | 'weight'
  | 'tier'
  | 'humanState'
  | 'humanUntil'
  | 'humanReason'
  | 'limits'
  | 'quotaGroupId'
  | 'dailyBudgetNanoUsd'
  | 'monthlyBudgetNanoUsd'
  | 'costFactor'
  | 'models'
  | 'tags'
  | 'notes'
>;

/** A sealed credential on its way to the database. */
export interface SealedCredential {
  readonly id: string;
  readonly sealed: Buffer;
  readonly preview: string;
  /** Itself, never written: the audit log keeps a keyed hash by which a leaked one is found. */
  readonly secret: Secret;
  readonly kept: StoredFingerprints;
  /** Fingerprints of the whole under each pepper, by which no other account of the provider may have it; empty: any may. */
  readonly unique: readonly string[];
}

/** A line of the timeline that says what a person did; the audit log has the same words. */
export type PeoplesEvent = TimelineEvent & { readonly kind: Exclude<TimelineEvent['kind'], 'machine_state'> };

/** What an account should become. */
export interface AccountRowChange {
  readonly fields: Partial<AccountRow>;
  readonly credential: SealedCredential | null;
  readonly event: PeoplesEvent;
}

const inTheWay =
  'There is an account of this name in the pool already, or its quota group has just been deleted.';

/** Writes accounts; each change goes with its line of the timeline and its event of the audit log, in one transaction. */
@Injectable()
export class AccountRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws DomainError `conflict` when the name or the credential is taken in the pool, or the provider or quota group has gone */
  async insert(
    row: AccountRow & Pick<AccountEntity, 'id' | 'providerId'>,
    credential: SealedCredential,
    event: PeoplesEvent,
  ): Promise<void> {
    await changing(inTheWay, () =>
      this.dataSource.transaction(async (manager) => {
        await refuseTwice(manager, row, credential);
        await manager.insert(AccountEntity, row);
        await activate(manager, row.id, credential);
        await manager.insert(AccountEventEntity, eventRow(event));
        await this.audit.append(manager, [auditOf(event, null, row, credential)]);
      }),
    );
  }

  /**
   * Changes a row under its lock.
   *
   * @param decide given the row as it stands, says what it should become; what it throws undoes everything
   * @returns whether there is such an account
   */
  async change(id: string, decide: (row: AccountEntity) => AccountRowChange): Promise<boolean> {
    return changing(inTheWay, () =>
      this.dataSource.transaction(async (manager) => {
        const row = await manager.findOne(AccountEntity, {
          where: { id },
          lock: { mode: 'pessimistic_write' },
        });
        if (row === null) return false;
        const { fields, credential, event } = decide(row);
        await manager.update(AccountEntity, { id }, fields);
        if (credential !== null) {
          await refuseTwice(manager, row, credential);
          await retireActive(manager, id);
          await activate(manager, id, credential);
        } else if (fields.humanState === 'compromised') await retireActive(manager, id);
        await manager.insert(AccountEventEntity, eventRow(event));
        await this.audit.append(manager, [auditOf(event, row, fields, credential)]);
        return true;
      }),
    );
  }

  /** @returns whether there was such an account */
  async remove(id: string): Promise<boolean> {
    const inUse = 'The account is still referred to.';
    return changing(inUse, () =>
      this.dataSource.transaction(async (manager) => {
        const row = await manager.findOne(AccountEntity, {
          where: { id },
          lock: { mode: 'pessimistic_write' },
        });
        if (row === null) return false;
        await manager.delete(AccountEntity, { id });
        const { before } = changesOf(accountFields, row, null);
        await this.audit.append(manager, [{ action: 'account.deleted', targets: [`account:${id}`], before }]);
        return true;
      }),
    );
  }
}

function auditOf(
  { accountId, kind }: PeoplesEvent,
  before: AccountEntity | null,
  fields: Partial<AccountEntity>,
  credential: SealedCredential | null,
): AuditDraft {
  const changes = changesOf(accountFields, before, fields);
  const after = { ...changes.after, ...(credential && { credentialPreview: credential.preview }) };
  const secrets = credential === null ? [] : [credential.secret];
  return { action: `account.${kind}`, targets: [`account:${accountId}`], ...changes, after, secrets };
}

const retireActive = (manager: EntityManager, accountId: string) =>
  manager.update(AccountCredentialEntity, { accountId, state: 'active' }, { state: 'revoked' });

function activate(
  manager: EntityManager,
  accountId: string,
  { id, sealed, preview, kept }: SealedCredential,
) {
  return manager.insert(AccountCredentialEntity, {
    id,
    sealed,
    preview,
    accountId,
    state: 'active',
    ...kept,
  });
}

async function refuseTwice(
  manager: EntityManager,
  account: Pick<AccountEntity, 'id' | 'providerId'>,
  { unique }: SealedCredential,
): Promise<void> {
  if (unique.length === 0) return;
  const owner = await ownerOf(manager, unique, account);
  if (owner !== null) throw credentialTaken(owner);
}
