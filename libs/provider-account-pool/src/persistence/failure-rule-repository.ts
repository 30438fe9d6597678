import { Injectable } from '@nestjs/common';
import { InjectDataSource } from '@nestjs/typeorm';
import type { DataSource } from 'typeorm';
import { asId } from '#kernel';
import type { CompleteFailureRule, StoredFailureRule } from '../domain/failure-rule.js';
import { changing } from './database-faults.js';
import { FailureRuleEntity } from './failure-rule.entity.js';

const nameTaken = 'The provider has a failure rule of this name already.';

/** Writes failure rules. */
@Injectable()
export class FailureRuleRepository {
  constructor(@InjectDataSource() private readonly dataSource: DataSource) {}

  /** @throws DomainError `conflict` when the name is taken, or the provider has gone */
  async insert(id: string, providerId: string, rule: CompleteFailureRule): Promise<void> {
    await changing(nameTaken, () => this.rows.insert({ id, providerId, ...columnsOf(rule) }));
  }

  /** @returns whether a row of this id stood at this version */
  async update(id: string, version: number, rule: CompleteFailureRule): Promise<boolean> {
    const { affected } = await changing(nameTaken, () => this.rows.update({ id, version }, columnsOf(rule)));
    return affected === 1;
  }

  async remove(id: string): Promise<boolean> {
    const { affected } = await changing('', () => this.rows.delete({ id }));
    return affected === 1;
  }

  private get rows() {
    return this.dataSource.getRepository(FailureRuleEntity);
  }
}

/** A row as the rest of the product knows it. */
export function failureRuleOf({ providerId, position, ...row }: FailureRuleEntity): StoredFailureRule {
  return { ...row, providerId: asId<'Provider'>(providerId), order: position };
}

function columnsOf({ order, ...rule }: CompleteFailureRule) {
  return { ...rule, position: order };
}
