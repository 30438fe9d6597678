import {
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';
import type { RuleMatch } from '#ai-provider';
import type { FailureClass, FailureScope } from '#kernel';
import { ProviderEntity } from './provider.entity.js';

/** A rule of an operator: what certain answers of a provider mean. */
@Entity('failure_rules')
@Unique('uq_failure_rules_provider_name', ['providerId', 'name'])
export class FailureRuleEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  @ForeignKey(() => ProviderEntity, { name: 'fk_failure_rules_provider', onDelete: 'CASCADE' })
  providerId: string;

  @Column('text')
  name: string;

  @Column('jsonb')
  match: RuleMatch;

  @Column('text')
  class: FailureClass;

  @Column('text')
  scope: FailureScope;

  @Column('integer', { nullable: true })
  cooldownSeconds: number | null;

  @Column('boolean', { default: true })
  enabled: boolean;

  /** `order` in the admin API; the word is taken in SQL. */
  @Column('integer')
  position: number;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
