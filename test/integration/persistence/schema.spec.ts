import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { DataSource } from 'typeorm';
import { loadEntities } from '../../../libs/persistence/src/migrations/load-entities.js';
import { loadMigrations } from '../../../libs/persistence/src/migrations/load-migrations.js';
import {
  migrationDataSource,
  runMigrations,
} from '../../../libs/persistence/src/migrations/run-migrations.js';
import { silentLogger } from '../../support/silent-logger.js';
import type { TestDatabase } from '../../support/test-database.js';
import { createTestDatabase } from '../../support/test-database.js';

/** Constraints and indexes that only a migration knows are its own business; columns and tables are not. */
const ownOfMigrations = /^(ALTER TABLE \S+ DROP CONSTRAINT|DROP INDEX)/;

describe('the schema', () => {
  let database: TestDatabase;
  let dataSource: DataSource;

  beforeAll(async () => {
    database = await createTestDatabase();
    dataSource = await migrationDataSource(database.url, silentLogger);
    dataSource.setOptions({ entities: await loadEntities() });
    await dataSource.initialize();
  });
  afterAll(async () => {
    await dataSource.destroy();
    await database.drop();
  });

  const relations = async (): Promise<string[]> => {
    const rows: { name: string }[] = await dataSource.query(
      `SELECT format('%s %s', c.relkind, c.relname) AS name FROM pg_class c WHERE c.relnamespace = 'public'::regnamespace
       UNION ALL SELECT format('function %s', oid::regprocedure) FROM pg_proc WHERE pronamespace = 'public'::regnamespace
       UNION ALL SELECT format('trigger %s of %s', tgname, tgrelid::regclass) FROM pg_trigger WHERE NOT tgisinternal
       UNION ALL SELECT format('constraint %s of %s', conname, conrelid::regclass) FROM pg_constraint
         WHERE connamespace = 'public'::regnamespace AND contype <> 'n'
       UNION ALL SELECT format('column %s.%s %s %s', table_name, column_name, data_type, is_nullable)
         FROM information_schema.columns WHERE table_schema = 'public'
       ORDER BY 1`,
    );
    return rows.map(({ name }) => name);
  };

  async function undoAll(): Promise<number> {
    const { length: count } = await loadMigrations();
    for (let undone = 0; undone < count; undone += 1) await dataSource.undoLastMigration();
    return count;
  }

  it('goes down to nothing and up again to the same', async () => {
    const up = await relations();
    await undoAll();
    await dataSource.query('DROP TABLE schema_migrations');
    expect(await relations()).toEqual([]);
    await runMigrations(database.url, silentLogger);
    expect(await relations()).toEqual(up);
  });

  it('has everything the entities need, and no column they do not know', async () => {
    const { upQueries } = await dataSource.driver.createSchemaBuilder().log();
    const statements = upQueries.map(({ query }) => query);
    expect(statements.filter((statement) => !ownOfMigrations.test(statement))).toEqual([]);
  });

  it('is migrated once when several processes start together', async () => {
    const count = await undoAll();
    const ran = await Promise.all([1, 2, 3].map(() => runMigrations(database.url, silentLogger)));
    expect(ran.map((names) => names.length).sort()).toEqual([0, 0, count]);
  });
});
