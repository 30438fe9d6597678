import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  PrimaryColumn,
  Unique,
  UpdateDateColumn,
  VersionColumn,
} from 'typeorm';
import type { AccountLimits, HumanState, ModelRules } from '#pool-core';
import { ProviderEntity } from './provider.entity.js';
import { QuotaGroupEntity } from './quota-group.entity.js';

/** One provider account as people configured it. What the machine found out lies elsewhere. */
@Entity('accounts')
@Unique('uq_accounts_provider_name', ['providerId', 'name'])
@Check('ck_accounts_weight', 'weight > 0')
@Check('ck_accounts_tier', 'tier >= 1')
@Check('ck_accounts_budget', 'daily_budget_nano_usd > 0 AND monthly_budget_nano_usd > 0')
@Check('ck_accounts_cost_factor', 'cost_factor >= 0')
@ForeignKey(() => QuotaGroupEntity, ['providerId', 'quotaGroupId'], ['providerId', 'id'], {
  name: 'fk_accounts_quota_group',
})
@Check('ck_accounts_human_state', `human_state IN ('enabled', 'paused', 'disabled', 'compromised')`)
export class AccountEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  @ForeignKey(() => ProviderEntity, { name: 'fk_accounts_provider' })
  providerId: string;

  @Column('text')
  name: string;

  @Column('double precision')
  weight: number;

  @Column('integer')
  tier: number;

  @Column('text')
  humanState: HumanState['kind'];

  @Column('timestamptz', { nullable: true })
  humanUntil: Date | null;

  @Column('text', { nullable: true })
  humanReason: string | null;

  /** Only the limits that are set. */
  @Column('jsonb', { default: {} })
  limits: Partial<AccountLimits>;

  /** A group of the same provider. */
  @Column('uuid', { nullable: true })
  quotaGroupId: string | null;

  @Column('bigint', { nullable: true })
  dailyBudgetNanoUsd: string | null;

  @Column('bigint', { nullable: true })
  monthlyBudgetNanoUsd: string | null;

  @Column('double precision', { default: 1 })
  costFactor: number;

  @Column('jsonb', { default: { allow: [], deny: [] } })
  models: ModelRules;

  @Column('jsonb', { default: {} })
  tags: Record<string, string>;

  @Column('text', { default: '' })
  notes: string;

  /** Written behind in batches; no change of it is announced. */
  @Column('timestamptz', { nullable: true })
  lastUsedAt: Date | null;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
