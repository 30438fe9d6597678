import { Check, Column, CreateDateColumn, Entity, PrimaryColumn, Unique } from 'typeorm';

/** One change of a key's secret. */
@Entity('rotations')
@Unique('uq_rotations_request', ['apiKeyId', 'requestKey'])
@Check('ck_rotations_kind', `resource_kind = 'api_key'`)
@Check('ck_rotations_cause', `cause IN ('manual', 'emergency')`)
export class RotationEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** What is rotated. */
  @Column('text')
  resourceKind: 'api_key';

  @Column('uuid')
  apiKeyId: string;

  @Column('text')
  cause: 'manual' | 'emergency';

  /** When the last of the earlier secrets ends. */
  @Column('timestamptz')
  previousValidUntil: Date;

  /** Who asked, and its idempotency key; `null`: it sent none. */
  @Column('text', { nullable: true })
  requestKey: string | null;

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;
}
