import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: from where a system key may be used, which providers it may reach, which tags its calls must and may carry.
 * Lock: ACCESS EXCLUSIVE on `api_keys` for the moment of adding columns with constant defaults; no row is rewritten.
 * Undo: `migration:revert` drops the columns; keys may be used from everywhere and reach all providers again.
 */
export class AddAccessRulesToApiKeys implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_keys
        ADD COLUMN ip_allowlist text[] NOT NULL DEFAULT '{}',
        ADD COLUMN ip_report_until timestamptz,
        ADD COLUMN providers_allow text[] NOT NULL DEFAULT '{}',
        ADD COLUMN providers_deny text[] NOT NULL DEFAULT '{}',
        ADD COLUMN tags_required text[] NOT NULL DEFAULT '{}',
        ADD COLUMN tags_allowed text[]`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE api_keys
        DROP COLUMN ip_allowlist, DROP COLUMN ip_report_until, DROP COLUMN providers_allow,
        DROP COLUMN providers_deny, DROP COLUMN tags_required, DROP COLUMN tags_allowed`);
  }
}
