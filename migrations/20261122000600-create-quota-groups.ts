import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: accounts that share one limit at the provider, such as two keys of one organisation, count against it together.
 * The foreign key of two columns keeps a group and its accounts with one provider.
 * Lock: ACCESS EXCLUSIVE on `accounts` for the moment of adding an empty column; SHARE ROW EXCLUSIVE while its rows are checked.
 * Undo: `migration:revert` drops the groups; their accounts are limited each by itself again.
 */
export class CreateQuotaGroups implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(quotaGroups);
    await runner.query(`SELECT watch_table('quota_groups', 'accounts')`);
    await runner.query(`
      ALTER TABLE accounts
        ADD COLUMN quota_group_id uuid,
        ADD CONSTRAINT fk_accounts_quota_group
          FOREIGN KEY (provider_id, quota_group_id) REFERENCES quota_groups (provider_id, id)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query('ALTER TABLE accounts DROP COLUMN quota_group_id');
    await runner.query(`SELECT unwatch_table('quota_groups')`);
    await runner.query('DROP TABLE quota_groups');
  }
}

const quotaGroups = `
  CREATE TABLE quota_groups (
    id uuid PRIMARY KEY,
    provider_id uuid NOT NULL CONSTRAINT fk_quota_groups_provider REFERENCES providers (id),
    name text NOT NULL,
    limits jsonb NOT NULL DEFAULT '{}',
    notes text NOT NULL DEFAULT '',
    version integer NOT NULL,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT uq_quota_groups_provider_name UNIQUE (provider_id, name),
    CONSTRAINT uq_quota_groups_provider_id UNIQUE (provider_id, id)
  )`;
