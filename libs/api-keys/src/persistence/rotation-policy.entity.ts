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
import { SealedColumn } from '#secrets';
import type { Delivery } from '../rotation/policy-draft.js';
import { ApiKeyEntity } from './api-key.entity.js';

/** How keys are rotated by a timetable. */
@Entity('rotation_policies')
@Unique('uq_rotation_policies_name', ['name'])
@Check('ck_rotation_policies_kind', `target_kind = 'api_key'`)
export class RotationPolicyEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('text')
  name: string;

  @Column('text')
  targetKind: 'api_key';

  @Column('integer')
  everyDays: number;

  @Column('integer')
  windowHours: number;

  @Column('integer')
  graceSeconds: number;

  @Column('boolean')
  hardDeadline: boolean;

  @Column('integer', { array: true })
  warnDays: number[];

  @Column('jsonb')
  delivery: Delivery;

  /** What webhooks are signed with; `null`: there are none. */
  @SealedColumn('id', { nullable: true })
  sealedSigningSecret: Buffer | null;

  /** Who said it last and answers for it: the id of a system key, or `root`. */
  @Column('text')
  maker: string;

  @VersionColumn()
  version: number;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}

/** A key that is rotated by a policy; at most by one. */
@Entity('rotation_targets')
export class RotationTargetEntity {
  @PrimaryColumn('uuid')
  @ForeignKey(() => ApiKeyEntity, { name: 'fk_rotation_targets_api_key', onDelete: 'CASCADE' })
  apiKeyId: string;

  @Column('uuid')
  @ForeignKey(() => RotationPolicyEntity, { name: 'fk_rotation_targets_policy' })
  policyId: string;

  /** When its next rotation begins. */
  @Column('timestamptz')
  dueAt: Date;

  /** When there is something to do: to warn, or to begin. */
  @Column('timestamptz')
  nextLookAt: Date;

  /** Counts claims: who has an older number has lost it. */
  @Column('integer', { default: 0 })
  fence: number;

  @Column('timestamptz', { nullable: true })
  leasedUntil: Date | null;
}
