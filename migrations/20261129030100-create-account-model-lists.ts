import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: which models an account can serve, as its provider lists them, and who reads that list next.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table; the lists are read anew when it is there again.
 */
export class CreateAccountModelLists20261129030100 implements MigrationInterface {
  readonly name = 'CreateAccountModelLists20261129030100';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE account_model_lists (
        account_id uuid PRIMARY KEY
          CONSTRAINT fk_account_model_lists_account REFERENCES accounts (id) ON DELETE CASCADE,
        models jsonb,
        read_at timestamptz,
        fault text,
        changed_at timestamptz NOT NULL DEFAULT now(),
        next_read_at timestamptz NOT NULL DEFAULT now(),
        claimed_until timestamptz,
        fence bigint NOT NULL DEFAULT 0
      )`);
    await runner.query(`
      CREATE INDEX ix_account_model_lists_next_read_at ON account_model_lists (next_read_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP TABLE account_model_lists`);
  }
}
