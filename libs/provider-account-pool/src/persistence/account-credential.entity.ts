import {
  Check,
  Column,
  CreateDateColumn,
  Entity,
  ForeignKey,
  Index,
  PrimaryColumn,
  UpdateDateColumn,
} from 'typeorm';
import { SealedColumn } from '#secrets';
import { AccountEntity } from './account.entity.js';

/** A key of an account, sealed. At most one per account is active; only that one makes calls. */
@Entity('account_credentials')
@Check('ck_account_credentials_state', `state IN ('staged', 'active', 'retiring', 'revoked')`)
@Index('uq_account_credentials_active', ['accountId'], { unique: true, where: `state = 'active'` })
export class AccountCredentialEntity {
  @PrimaryColumn('uuid')
  id: string;

  @Column('uuid')
  @ForeignKey(() => AccountEntity, { name: 'fk_account_credentials_account', onDelete: 'CASCADE' })
  accountId: string;

  @Column('text')
  state: 'staged' | 'active' | 'retiring' | 'revoked';

  /** Envelope of the secret box, bound to this row. */
  @SealedColumn('id')
  sealed: Buffer;

  /** The last characters, for people to tell keys apart. */
  @Column('text')
  preview: string;

  /** Of {@link fingerprints}; `null`: there are none yet. */
  @Column('text', { nullable: true })
  fingerprintPepperId: string | null;

  /** Keyed hashes by which a leaked key is found: of the whole first, then of each secret part. No change of them is announced. */
  @Column('text', { array: true, default: [] })
  fingerprints: string[];

  @CreateDateColumn({ type: 'timestamptz' })
  createdAt: Date;

  @UpdateDateColumn({ type: 'timestamptz' })
  updatedAt: Date;
}
