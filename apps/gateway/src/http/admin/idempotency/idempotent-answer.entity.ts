import { Column, Entity, PrimaryColumn } from 'typeorm';
import { SealedColumn } from '#secrets';

/** What a keyed request was answered, or that one is under way. */
@Entity('idempotent_answers')
export class IdempotentAnswerEntity {
  @PrimaryColumn('text')
  caller: string;

  @PrimaryColumn('text')
  key: string;

  @Column('uuid')
  claim: string;

  @Column('timestamptz')
  claimedAt: Date;

  /** `null`: under way. */
  @SealedColumn('claim', { nullable: true })
  sealed: Buffer | null;
}
