import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: what an account may spend in a day and a month (billionths of a US dollar, of UTC days), and what it costs relative
 * to the list price.
 * Lock: ACCESS EXCLUSIVE on `accounts` while the rows are checked; none is rewritten.
 * Undo: `migration:revert` drops the columns; accounts spend without a bound again.
 */
export class AddBudgetsToAccounts implements MigrationInterface {
  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE accounts
        ADD COLUMN daily_budget_nano_usd bigint,
        ADD COLUMN monthly_budget_nano_usd bigint,
        ADD COLUMN cost_factor double precision NOT NULL DEFAULT 1,
        ADD CONSTRAINT ck_accounts_budget CHECK (daily_budget_nano_usd > 0 AND monthly_budget_nano_usd > 0),
        ADD CONSTRAINT ck_accounts_cost_factor CHECK (cost_factor >= 0)`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE accounts
        DROP COLUMN daily_budget_nano_usd, DROP COLUMN monthly_budget_nano_usd, DROP COLUMN cost_factor`);
  }
}
