import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: envelopes are moved to another key-encryption key while everything serves; how far it has come survives the process.
 * The job reads answers kept for idempotency keys in order of their claim, which each envelope is bound to.
 * Lock: `idempotent_answers` takes no writes while its index is built, under a second for the day's answers it holds.
 * Undo: `migration:revert` drops the job; envelopes stay under the keys they are under, and readable.
 */
export class CreateRewrapJobs20261129070000 implements MigrationInterface {
  readonly name = 'CreateRewrapJobs20261129070000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE rewrap_jobs (
        id uuid PRIMARY KEY,
        key_id text NOT NULL,
        state text NOT NULL CONSTRAINT ck_rewrap_jobs_state CHECK (state IN ('running', 'done', 'superseded')),
        at_column text,
        after_row text,
        moved integer NOT NULL DEFAULT 0,
        unreadable integer NOT NULL DEFAULT 0,
        fence integer NOT NULL DEFAULT 0,
        claimed_until timestamptz,
        started_at timestamptz NOT NULL DEFAULT now(),
        finished_at timestamptz
      )`);
    await runner.query(
      `CREATE UNIQUE INDEX uq_rewrap_jobs_running ON rewrap_jobs (state) WHERE state = 'running'`,
    );
    await runner.query(`CREATE UNIQUE INDEX uq_idempotent_answers_claim ON idempotent_answers (claim)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`DROP INDEX uq_idempotent_answers_claim`);
    await runner.query(`DROP TABLE rewrap_jobs`);
  }
}
