import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: operators say what certain answers of a provider mean, and every process follows within a second.
 * Lock: none on existing tables but SHARE ROW EXCLUSIVE on `providers` for the moment of adding the foreign key.
 * Undo: `migration:revert` drops the rules; the built-in ones decide again.
 */
export class CreateFailureRules implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(failureRules);
    await runner.query(`SELECT watch_table('failure_rules', 'providers')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT unwatch_table('failure_rules')`);
    await runner.query('DROP TABLE failure_rules');
  }
}

const failureRules = `
  CREATE TABLE failure_rules (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL CONSTRAINT fk_failure_rules_provider REFERENCES providers (id) ON DELETE CASCADE,
    name text NOT NULL,
    match jsonb NOT NULL,
    class text NOT NULL,
    scope text NOT NULL,
    cooldown_seconds integer,
    enabled boolean NOT NULL DEFAULT true,
    position integer NOT NULL,
    version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_failure_rules_provider_name UNIQUE (provider_id, name)
  )`;
