import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: the share a system key gets while more calls wait than accounts can take.
 * Lock: ACCESS EXCLUSIVE on `api_keys` while the rows are checked; none is rewritten.
 * Undo: `migration:revert` drops the column; all keys share alike again.
 */
export class AddWeightToApiKeys implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_keys
        ADD COLUMN weight double precision NOT NULL DEFAULT 1 CONSTRAINT ck_api_keys_weight CHECK (weight > 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE api_keys DROP COLUMN weight');
  }
}
