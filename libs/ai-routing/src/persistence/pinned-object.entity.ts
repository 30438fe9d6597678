import { Column, Entity, Index, PrimaryColumn } from 'typeorm';

/** With which account a thing lies that a provider keeps, and whose it is. */
@Entity('pinned_objects')
@Index('ix_pinned_objects_owner', ['kind', 'owner', 'createdAt', 'id'])
export class PinnedObjectEntity {
  /** The collection it lies in. */
  @PrimaryColumn('text')
  kind: string;

  /** As the provider calls it. */
  @PrimaryColumn('text')
  id: string;

  /** Id of the API key it belongs to; empty for the root key. */
  @PrimaryColumn('text')
  owner: string;

  /** Name of the pool. */
  @Column('text')
  provider: string;

  /** May be one of the environment, or gone: no foreign key. */
  @Column('text')
  accountId: string;

  /** What the provider last told of it, for lists; `null` where lists do not show it. */
  @Column('jsonb', { nullable: true })
  body: Record<string, unknown> | null;

  @Column('timestamptz')
  createdAt: Date;

  /** Forgotten from then on. */
  @Index('ix_pinned_objects_expires_at')
  @Column('timestamptz')
  expiresAt: Date;
}
