import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { AuditTrail, changesOf } from '#audit';
import { asId } from '#kernel';
import type { CompleteFailureRule, StoredFailureRule } from '../domain/failure-rule.js';
import { failureRuleFields } from './audited-fields.js';
import { changing } from './database-faults.js';
import { FailureRuleEntity } from './failure-rule.entity.js';

const nameTaken = 'The provider has a failure rule of this name already.';

/** Writes failure rules; each change goes with its event of the audit log, in one transaction. */
@Injectable()
export class FailureRuleRepository {
  constructor(
    @InjectDataSource() private readonly dataSource: DataSource,
    private readonly audit: AuditTrail,
  ) {}

  /** @throws DomainError `conflict` when the name is taken, or the provider has gone */
  async insert(id: string, providerId: string, rule: CompleteFailureRule): Promise<void> {
    const row = { id, providerId, ...columnsOf(rule) };
    await changing(nameTaken, () =>
      this.dataSource.transaction(async (manager) => {
        await manager.insert(FailureRuleEntity, row);
        const changes = changesOf(failureRuleFields, null, row);
        await this.audit.append(manager, [
          { action: 'failure_rule.created', targets: targetsOf(row), ...changes },
        ]);
      }),
    );
  }

  /** @returns whether a row of this id stood at this version */
  async update(id: string, version: number, rule: CompleteFailureRule): Promise<boolean> {
    return changing(nameTaken, () =>
      this.dataSource.transaction(async (manager) => {
        const where = { id, version };
        const row = await manager.findOne(FailureRuleEntity, { where, lock: { mode: 'pessimistic_write' } });
        if (row === null) return false;
        await manager.update(FailureRuleEntity, where, columnsOf(rule));
        const changes = changesOf(failureRuleFields, row, columnsOf(rule));
        await this.audit.append(manager, [
          { action: 'failure_rule.changed', targets: targetsOf(row), ...changes },
        ]);
        return true;
      }),
    );
  }

  async remove(id: string): Promise<boolean> {
    return changing('', () =>
      this.dataSource.transaction(async (manager) => {
        const row = await manager.findOne(FailureRuleEntity, {
          where: { id },
          lock: { mode: 'pessimistic_write' },
        });
        if (row === null) return false;
        await manager.delete(FailureRuleEntity, { id });
        const changes = changesOf(failureRuleFields, row, null);
        await this.audit.append(manager, [
          { action: 'failure_rule.deleted', targets: targetsOf(row), ...changes },
        ]);
        return true;
      }),
    );
  }
}

/** A row as the rest of the product knows it. */
export function failureRuleOf({ providerId, position, ...row }: FailureRuleEntity): StoredFailureRule {
  return { ...row, providerId: asId<'Provider'>(providerId), order: position };
}

function columnsOf({ order, ...rule }: CompleteFailureRule) {
  return { ...rule, position: order };
}

const targetsOf = ({ id, providerId }: Pick<FailureRuleEntity, 'id' | 'providerId'>): string[] => [
  `failure_rule:${id}`,
  `provider:${providerId}`,
];
