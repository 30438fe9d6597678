import { Column, CreateDateColumn, Entity, PrimaryColumn } from 'typeorm';

/** Moving every envelope to one key: how far it has come, and who works on it. */
@Entity('rewrap_jobs')
export class RewrapJobEntity {
  @PrimaryColumn('uuid')
  id: string;

  /** The key everything is moved to. */
  @Column('text')
  keyId: string;

  @Column('text')
  state: 'running' | 'done' | 'superseded';

  /** `<table>.<column>` that is being worked on; `null`: none yet. */
  @Column('text', { nullable: true })
  atColumn: string | null;

  /** Id of the last row that was dealt with in that column; `null`: none yet. */
  @Column('text', { nullable: true })
  afterRow: string | null;

  @Column('integer', { default: 0 })
  moved: number;

  /** Envelopes that could not be opened and were left as they are. */
  @Column('integer', { default: 0 })
  unreadable: number;

  /** Counts claims: who has an older number has lost the job. */
  @Column('integer', { default: 0 })
  fence: number;

  @Column('timestamptz', { nullable: true })
  claimedUntil: Date | null;

  @CreateDateColumn({ type: 'timestamptz' })
  startedAt: Date;

  @Column('timestamptz', { nullable: true })
  finishedAt: Date | null;
}
