import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: what a provider keeps (files, batches, responses) lies with one account of it; here stands with which, and whose it
 * is. One id may be known to several keys. `owner` is the id of an API key, empty for the root key.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table; what providers keep stays there and cannot be reached through the gateway.
 */
export class CreatePinnedObjects20261129030000 implements MigrationInterface {
  readonly name = 'CreatePinnedObjects20261129030000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE pinned_objects (
        kind text NOT NULL,
        id text NOT NULL,
        owner text NOT NULL,
        provider text NOT NULL,
        account_id text NOT NULL,
        body jsonb,
        created_at timestamptz NOT NULL,
        expires_at timestamptz NOT NULL,
        PRIMARY KEY (kind, id, owner)
      )`);
    await runner.query(`
      CREATE INDEX ix_pinned_objects_owner ON pinned_objects (kind, owner, created_at, id)`);
    await runner.query(`CREATE INDEX ix_pinned_objects_expires_at ON pinned_objects (expires_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE pinned_objects`);
  }
}
