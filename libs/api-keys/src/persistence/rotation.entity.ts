import { Check, Column, CreateDateColumn, Entity, ForeignKey, PrimaryColumn, Unique } from 'typeorm';
import { SealedColumn } from '#secrets';
import { RotationPolicyEntity } from './rotation-policy.entity.js';

/** One change of a key's secret. */
@Entity('rotations')
@Unique('uq_rotations_request', ['apiKeyId', 'requestKey'])
@Check('ck_rotations_kind', `resource_kind = 'api_key'`)
@Check('ck_rotations_cause', `cause IN ('manual', 'emergency', 'scheduled')`)
@Check('ck_rotations_state', `state IN ('delivering', 'awaiting_claim', 'completed', 'failed', 'aborted')`)
@Check('ck_rotations_sealed', `sealed_secret IS NULL OR state IN ('delivering', 'awaiting_claim')`)
export class RotationEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** What is rotated. */
  @Column('text')
  resourceKind: 'api_key';

  @Column('uuid')
  apiKeyId: string;

  @Column('text')
  cause: 'manual' | 'emergency' | 'scheduled';

  /** By which it is done; `null`: by hand, or the policy is gone. */
  @Column('uuid', { nullable: true })
  @ForeignKey(() => RotationPolicyEntity, { name: 'fk_rotations_policy', onDelete: 'SET NULL' })
  policyId: string | null;

  @Column('text', { default: 'completed' })
  state: 'delivering' | 'awaiting_claim' | 'completed' | 'failed' | 'aborted';

  /** Why it failed or was aborted, or what came of the latest try to deliver. */
  @Column('text', { nullable: true })
  reason: string | null;

  /** When the last of the earlier secrets ends; `null`: not before the new one was handed over. */
  @Column('timestamptz', { nullable: true })
  previousValidUntil: Date | null;

  /** Who asked, and its idempotency key; `null`: it sent none. */
  @Column('text', { nullable: true })
  requestKey: string | null;

  /** Lookup id of the new secret of a rotation by timetable. */
  @Column('text', { nullable: true })
  newKeyId: string | null;

  /** The new secret, until it was handed over. */
  @SealedColumn('id', { nullable: true })
  sealedSecret: Buffer | null;

  /** SHA-256 of the text by which the secret may be claimed; `null`: there is none. */
  @Column('bytea', { nullable: true })
  claimHash: Buffer | null;

  /** Deliveries tried. */
  @Column('integer', { default: 0 })
  attempts: number;

  /** When to deliver again, or until when to wait for the claim. */
  @Column('timestamptz', { nullable: true })
  nextLookAt: Date | null;

  /** Counts claims by processes: who has an older number has lost it. */
  @Column('integer', { default: 0 })
  fence: number;

  @Column('timestamptz', { nullable: true })
  leasedUntil: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
