import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: a system key may have two secrets while it is rotated; each is looked up by itself. What is said of the key stays one row.
 * Lock: ACCESS EXCLUSIVE on `api_keys` while one short row a key is copied. A process of the version before goes on with the
 * keys it knows, and sees no change of them until it is replaced.
 * Undo: `migration:revert` keeps the newest secret of each key; a second one is refused from then on.
 */
export class CreateApiKeySecrets implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(apiKeySecrets);
    await runner.query(`
      INSERT INTO api_key_secrets (key_id, api_key_id, slot, hash, pepper_id, preview, created_at)
      SELECT key_id, id, 1, hash, pepper_id, preview, created_at FROM api_keys`);
    await runner.query(`
      ALTER TABLE api_keys DROP COLUMN key_id, DROP COLUMN hash, DROP COLUMN pepper_id, DROP COLUMN preview`);
    await runner.query(`SELECT watch_table('api_key_secrets', 'api_keys')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_keys ADD COLUMN key_id text, ADD COLUMN hash bytea, ADD COLUMN pepper_id text, ADD COLUMN preview text`);
    await runner.query(`
      UPDATE api_keys SET key_id = newest.key_id, hash = newest.hash, pepper_id = newest.pepper_id, preview = newest.preview
      FROM (SELECT DISTINCT ON (api_key_id) * FROM api_key_secrets ORDER BY api_key_id, created_at DESC, slot DESC) AS newest
      WHERE newest.api_key_id = api_keys.id`);
    await runner.query(`
      ALTER TABLE api_keys
        ALTER COLUMN key_id SET NOT NULL, ALTER COLUMN hash SET NOT NULL,
        ALTER COLUMN pepper_id SET NOT NULL, ALTER COLUMN preview SET NOT NULL,
        ADD CONSTRAINT uq_api_keys_key_id UNIQUE (key_id),
        ADD CONSTRAINT ck_api_keys_hash CHECK (octet_length(hash) = 32)`);
    await runner.query(`SELECT unwatch_table('api_key_secrets')`);
    await runner.query('DROP TABLE api_key_secrets');
  }
}

const apiKeySecrets = `
  CREATE TABLE api_key_secrets (
    key_id text PRIMARY KEY,
    api_key_id uuid NOT NULL CONSTRAINT fk_api_key_secrets_api_key REFERENCES api_keys ON DELETE CASCADE,
    slot smallint NOT NULL CONSTRAINT ck_api_key_secrets_slot CHECK (slot IN (1, 2)),
    hash bytea NOT NULL CONSTRAINT ck_api_key_secrets_hash CHECK (octet_length(hash) = 32),
    pepper_id text NOT NULL,
    preview text NOT NULL,
    valid_until timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_api_key_secrets_slot UNIQUE (api_key_id, slot)
  )`;
