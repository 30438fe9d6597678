import { Column, Entity, ForeignKey, Index, PrimaryColumn } from 'typeorm';
import { AccountEntity } from './account.entity.js';

/** The models of an account as its provider lists them, and the claim of whoever reads the list. */
@Entity('account_model_lists')
export class AccountModelListEntity {
  @PrimaryColumn('uuid')
  @ForeignKey(() => AccountEntity, { name: 'fk_account_model_lists_account', onDelete: 'CASCADE' })
  accountId: string;

  /** `null` until it was read once. */
  @Column('jsonb', { nullable: true })
  models: string[] | null;

  @Column('timestamptz', { nullable: true })
  readAt: Date | null;

  /** The rule of the failure of the last reading; `null` when it went well. */
  @Column('text', { nullable: true })
  fault: string | null;

  /** Tells other processes that there is news. */
  @Column('timestamptz', { default: () => 'now()' })
  changedAt: Date;

  @Index('ix_account_model_lists_next_read_at')
  @Column('timestamptz', { default: () => 'now()' })
  nextReadAt: Date;

  @Column('timestamptz', { nullable: true })
  claimedUntil: Date | null;

  /** Grows with each claim: who holds an older number has lost it. */
  @Column('bigint', { default: 0 })
  fence: string;
}
