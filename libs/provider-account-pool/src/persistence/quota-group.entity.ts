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
import type { AccountLimits } from '#pool-core';
import { ProviderEntity } from './provider.entity.js';

/** What several accounts of one provider may use together. */
@Entity('quota_groups')
@Unique('uq_quota_groups_provider_name', ['providerId', 'name'])
@Unique('uq_quota_groups_provider_id', ['providerId', 'id'])
export class QuotaGroupEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  @ForeignKey(() => ProviderEntity, { name: 'fk_quota_groups_provider' })
  providerId: string;

  @Column('text')
  name: string;

  /** Only the limits that are set. */
  @Column('jsonb', { default: {} })
  limits: Partial<AccountLimits>;

  @Column('text', { default: '' })
  notes: string;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
