import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * Why: routes give models public names and say which providers serve them, in which order.
 * Lock: none on existing tables.
 * Undo: `migration:revert` drops the table and every route with it.
 */
export class CreateRoutes20261122000500 implements MigrationInterface {
  readonly name = 'CreateRoutes20261122000500';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      CREATE TABLE routes (
        id uuid PRIMARY KEY,
        name text NOT NULL CONSTRAINT uq_routes_name UNIQUE,
        tiers jsonb NOT NULL,
        version integer NOT NULL,
        created_at timestamptz NOT NULL DEFAULT now(),
        updated_at timestamptz NOT NULL DEFAULT now()
      )`);
    await runner.query(`SELECT watch_table('routes', 'routes')`);
  }

  async down(runner: QueryRunner): Promise<void> {
    await runner.query(`SELECT unwatch_table('routes')`);
    await runner.query(`DROP TABLE routes`);
  }
}
