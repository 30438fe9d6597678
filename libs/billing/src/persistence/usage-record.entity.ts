import { Column, Entity, Index, PrimaryColumn } from 'typeorm';
import type { UsageAttempt } from '../usage-record.js';

/** One call, as in the ledger. Written by {@link PostgresLedger} alone, never changed. */
@Entity('usage_records')
@Index('ix_usage_records_at', ['at', 'id'])
@Index('ix_usage_records_api_key', ['apiKeyId', 'at', 'id'])
@Index('ix_usage_records_account', ['accountId', 'at', 'id'])
export class UsageRecordEntity {
  /** The call's id. */
  @PrimaryColumn('uuid')
  id: string;

  @Column('timestamptz')
  at: Date;

  @Column('text', { nullable: true })
  apiKeyId: string | null;

  @Column('text', { nullable: true })
  provider: string | null;

  @Column('text', { nullable: true })
  accountId: string | null;

  @Column('text')
  model: string;

  @Column('text', { nullable: true })
  upstreamModel: string | null;

  @Column('text')
  operation: string;

  @Column('integer')
  status: number;

  @Column('jsonb')
  attempts: readonly UsageAttempt[];

  @Column('bigint')
  inputTokens: string;

  @Column('bigint')
  cachedInputTokens: string;

  @Column('bigint')
  outputTokens: string;

  @Column('bigint')
  reasoningTokens: string;

  @Column('bigint', { nullable: true })
  costNanoUsd: string | null;

  @Column('integer')
  latencyMs: number;

  @Column('integer', { nullable: true })
  firstByteMs: number | null;

  @Column('boolean')
  stream: boolean;

  @Column('jsonb')
  tags: Readonly<Record<string, string>>;
}
