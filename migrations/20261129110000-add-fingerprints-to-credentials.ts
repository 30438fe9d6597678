import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: a leaked provider key is found by keyed hashes of it. Rows that are there already get theirs from the running gateway, which
 * alone can open them; such updates change nothing of what is served and are not announced.
 * Lock: ACCESS EXCLUSIVE on `account_credentials` for the moment of adding columns without rewriting rows, then SHARE while the
 * index is built, whose entries are all empty.
 * Undo: `migration:revert` forgets the hashes; the gateway makes them again.
 */
export class AddFingerprintsToCredentials20261129110000 implements MigrationInterface {
  readonly name = 'AddFingerprintsToCredentials20261129110000';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      ALTER TABLE account_credentials
        ADD COLUMN fingerprint_pepper_id text,
        ADD COLUMN fingerprints text[] NOT NULL DEFAULT '{}'`);
    await runner.query(
      'CREATE INDEX ix_account_credentials_fingerprints ON account_credentials USING gin (fingerprints)',
    );
    await runner.query(`SELECT unwatch_table('account_credentials')`);
    await runner.query(
      `SELECT watch_table('account_credentials', 'accounts', '{fingerprint_pepper_id,fingerprints}')`,
    );
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT unwatch_table('account_credentials')`);
    await runner.query(`SELECT watch_table('account_credentials', 'accounts')`);
    await runner.query('DROP INDEX ix_account_credentials_fingerprints');
    await runner.query(
      'ALTER TABLE account_credentials DROP COLUMN fingerprint_pepper_id, DROP COLUMN fingerprints',
    );
  }
}
