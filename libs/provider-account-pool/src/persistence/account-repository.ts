import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource, EntityManager } from 'typeorm';
import type { TimelineEvent } from '../domain/timeline.js';
import { AccountCredentialEntity } from './account-credential.entity.js';
import { AccountEntity } from './account.entity.js';
import { eventRow } from './account-event-row.js';
import { AccountEventEntity } from './account-event.entity.js';
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
}

/** What an account should become. */
export interface AccountRowChange {
  readonly fields: Partial<AccountRow>;
  readonly credential: SealedCredential | null;
  readonly event: TimelineEvent;
}

const inTheWay =
  'There is an account of this name in the pool already, or its quota group has just been deleted.';

/** Writes accounts; each change goes with its line of the timeline, in one transaction. */
@Injectable()
export class AccountRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError `conflict` when the name is taken in the pool, or the provider or quota group has gone */
  async insert(
    row: AccountRow & Pick<AccountEntity, 'id' | 'providerId'>,
    credential: SealedCredential,
    event: TimelineEvent,
  ): Promise<void> {
    await changing(inTheWay, () =>
      this.dataSource.transaction(async (manager) => {
        await manager.insert(AccountEntity, row);
        await activate(manager, row.id, credential);
        await manager.insert(AccountEventEntity, eventRow(event));
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
          await retireActive(manager, id);
          await activate(manager, id, credential);
        } else if (fields.humanState === 'compromised') await retireActive(manager, id);
        await manager.insert(AccountEventEntity, eventRow(event));
        return true;
      }),
    );
  }

  /** @returns whether there was such an account */
  async remove(id: string): Promise<boolean> {
    const inUse = 'The account is still referred to.';
    const { affected } = await changing(inUse, () =>
      this.dataSource.getRepository(AccountEntity).delete({ id }),
    );
    return affected === 1;
  }
}

const retireActive = (manager: EntityManager, accountId: string) =>
  manager.update(AccountCredentialEntity, { accountId, state: 'active' }, { state: 'revoked' });

const activate = (manager: EntityManager, accountId: string, credential: SealedCredential) =>
  manager.insert(AccountCredentialEntity, { ...credential, accountId, state: 'active' });
