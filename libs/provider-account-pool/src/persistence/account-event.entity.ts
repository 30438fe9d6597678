import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccountEntity } from './account.entity.js';

/** One line of an account's timeline. Ids are UUID v7: their order is the order of time. */
@Entity('account_events')
@Index('ix_account_events_account', ['accountId', 'id'])
export class AccountEventEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  @ForeignKey(() => AccountEntity, { name: 'fk_account_events_account', onDelete: 'CASCADE' })
  accountId: string;

  @Column('timestamptz')
  at: Date;

  @Column('text')
  kind: string;

  @Column('text', { nullable: true })
  model: string | null;

  @Column('text', { nullable: true })
  fromState: string | null;

  @Column('text', { nullable: true })
  toState: string | null;

  @Column('text', { nullable: true })
  rule: string | null;

  @Column('text', { nullable: true })
  cause: string | null;

  @Column('text', { nullable: true })
  callId: string | null;

  @Column('text', { nullable: true })
  actor: string | null;
}
