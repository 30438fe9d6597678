import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: a known text sealed under each key-encryption key, to find out at start that a key is lost or mistaken.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table; canaries are made anew, no secret depends on them.
 */
export class CreateKeyCanaries implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE key_canaries (
        key_id text PRIMARY KEY,
        sealed bytea NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now()
      )`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE key_canaries');
  }
}
