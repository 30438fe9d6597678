import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: a client that does not know whether its POST arrived sends it again with the same Idempotency-Key and gets the first
 * answer, sealed here because some answers hold a secret. No `sealed`: the first request is under way.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table; requests that are sent again are done again.
 */
export class CreateIdempotentAnswers implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE idempotent_answers (
        caller text NOT NULL,
        key text NOT NULL,
        claim uuid NOT NULL,
        claimed_at timestamptz NOT NULL DEFAULT now(),
        sealed bytea,
        PRIMARY KEY (caller, key)
      )`);
    await runner.query(`
      CREATE INDEX ix_idempotent_answers_claimed_at ON idempotent_answers (caller, claimed_at)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('DROP TABLE idempotent_answers');
  }
}
