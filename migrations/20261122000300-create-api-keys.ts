import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: system API keys, which callers present; only a keyed hash of each is kept.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table; every issued key is refused from then on and cannot be brought back.
 */
export class CreateApiKeys implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(apiKeys);
    // A key that is used would otherwise make every replica read all keys again.
    await runner.query(`SELECT watch_table('api_keys', 'api_keys', '{last_used_at}')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT unwatch_table('api_keys')`);
    await runner.query('DROP TABLE api_keys');
  }
}

const apiKeys = `
  CREATE TABLE api_keys (
    id uuid PRIMARY KEY,
    key_id text NOT NULL CONSTRAINT uq_api_keys_key_id UNIQUE,
    name text NOT NULL,
    owner text,
    scopes text[] NOT NULL,
    models_allow text[] NOT NULL,
    models_deny text[] NOT NULL,
    expires_at timestamptz,
    disabled_at timestamptz,
    revoked_at timestamptz,
    metadata jsonb NOT NULL,
    limits jsonb NOT NULL,
    budget jsonb NOT NULL,
    hash bytea NOT NULL CONSTRAINT ck_api_keys_hash CHECK (octet_length(hash) = 32),
    pepper_id text NOT NULL,
    preview text NOT NULL,
    last_used_at timestamptz,
    version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
  )`;
