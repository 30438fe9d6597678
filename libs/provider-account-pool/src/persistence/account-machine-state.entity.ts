import { Column, Entity, ForeignKey, PrimaryColumn } from 'typeorm';
import { AccountEntity } from './account.entity.js';

/** What the machine found out about an account, kept for after a restart, and the claim of whoever probes it. */
@Entity('account_machine_states')
export class AccountMachineStateEntity {
  @PrimaryColumn('uuid')
  @ForeignKey(() => AccountEntity, { name: 'fk_account_machine_states_account', onDelete: 'CASCADE' })
  accountId: string;

  /** The model concerned; empty for the account as a whole. */
  @PrimaryColumn('text', { default: '' })
  model: string;

  @Column('text')
  state: string;

  @Column('text', { nullable: true })
  rule: string | null;

  @Column('timestamptz', { nullable: true })
  until: Date | null;

  /** Cool-downs without a hint in a row, so that the next is longer. */
  @Column('integer', { default: 0 })
  coolDowns: number;

  /** Times the circuit opened in a row. */
  @Column('integer', { default: 0 })
  openings: number;

  @Column('timestamptz')
  updatedAt: Date;

  /** When the next probe is due; `null` when nobody has planned one yet. */
  @Column('timestamptz', { nullable: true })
  probeAfter: Date | null;

  @Column('timestamptz', { nullable: true })
  probeClaimedUntil: Date | null;

  /** Grows with each claim: who holds an older number has lost it. */
  @Column('bigint', { default: 0 })
  probeFence: string;
}
