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

/** One provider account as people configured it. What the machine found out lies elsewhere. */
@Entity('accounts')
@Unique('uq_accounts_provider_name', ['providerId', 'name'])
@Check('ck_accounts_weight', 'weight > 0')
@Check('ck_accounts_tier', 'tier >= 1')
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
