import pg from 'pg';
import type { DataSource } from 'typeorm';

/** What an application may do with a table it keeps its state in. */
const usual = 'SELECT, INSERT, UPDATE, DELETE';
/** What it may do with one whose triggers refuse changes (`refuse_change()`). */
const appendOnly = 'SELECT, INSERT';
/** What it may do with the record of migrations. */
const readOnly = 'SELECT';

interface Table {
  readonly name: string;
  readonly refusesChanges: boolean;
}

/**
 * Gives the application's role what it needs and nothing else: it changes its state, appends to what is append-only, owns
 * nothing, and cannot reach a partition but through its table. What it had been given before is taken back.
 *
 * @param dataSource of the role that owns the tables, initialised
 * @param role name of the application's role
 */
export async function grantApplication(dataSource: DataSource, role: string): Promise<void> {
  const to = pg.escapeIdentifier(role);
  await dataSource.transaction(async (manager) => {
    const tables: Table[] = await manager.query(ownTables);
    await manager.query(`GRANT USAGE ON SCHEMA public TO ${to}`);
    await manager.query(`REVOKE ALL ON ALL TABLES IN SCHEMA public FROM ${to}`);
    for (const table of tables) {
      await manager.query(`GRANT ${rightsOn(table)} ON ${pg.escapeIdentifier(table.name)} TO ${to}`);
    }
  });
}

function rightsOn({ name, refusesChanges }: Table): string {
  if (name === 'schema_migrations') return readOnly;
  return refusesChanges ? appendOnly : usual;
}

const ownTables = `
  SELECT c.relname AS name, EXISTS (
      SELECT FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
      WHERE t.tgrelid = c.oid AND p.proname = 'refuse_change'
    ) AS "refusesChanges"
  FROM pg_class c
  WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
  ORDER BY c.relname`;
