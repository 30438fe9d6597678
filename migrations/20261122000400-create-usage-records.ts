import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: what every call used and cost, one row per call, the source of all usage reports.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table and every usage record in it.
 */
export class CreateUsageRecords20261122000400 implements MigrationInterface {
  readonly name = 'CreateUsageRecords20261122000400';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(usageRecords);
    for (const [name, columns] of indexes) {
      await runner.query(`CREATE INDEX ${name} ON usage_records (${columns})`);
    }
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE usage_records`);
  }
}

/**
 * No foreign keys: accounts of the environment are no rows, and a record outlives its key and account. The id is a
 * UUID v7, so the table can be partitioned by ranges of it and keep `ON CONFLICT (id)`.
 */
const usageRecords = `
  CREATE TABLE usage_records (
    id uuid PRIMARY KEY,
    at timestamptz NOT NULL,
    api_key_id text,
    provider text,
    account_id text,
    model text NOT NULL,
    upstream_model text,
    operation text NOT NULL,
    status integer NOT NULL,
    attempts jsonb NOT NULL,
    input_tokens bigint NOT NULL,
    cached_input_tokens bigint NOT NULL,
    output_tokens bigint NOT NULL,
    reasoning_tokens bigint NOT NULL,
    cost_nano_usd bigint,
    latency_ms integer NOT NULL,
    first_byte_ms integer,
    stream boolean NOT NULL,
    tags jsonb NOT NULL
  )`;

/** Lists go backwards in time, whole or of one key or account; reports read a span of time. */
const indexes = [
  ['ix_usage_records_at', 'at, id'],
  ['ix_usage_records_api_key', 'api_key_id, at, id'],
  ['ix_usage_records_account', 'account_id, at, id'],
] as const;
