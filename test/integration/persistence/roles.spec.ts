import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import pg from 'pg';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';

let database: TestDatabase;
let application: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  application = new pg.Client({ connectionString: database.applicationUrl.reveal() });
  await application.connect();
});
afterAll(async () => {
  await application.end();
  await database.drop();
});

const refused = /permission denied|must be owner/;

describe("the application's role", () => {
  it('owns nothing and is no more than an application', async () => {
    const { rows } = await application.query(`
      SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls AS powerful,
        (SELECT count(*)::int FROM pg_class WHERE relowner = r.oid) AS owned
      FROM pg_roles r WHERE rolname = current_user`);
    expect(rows).toEqual([{ powerful: false, owned: 0 }]);
  });

  it('keeps its state in its tables', async () => {
    await application.query(
      `INSERT INTO routes (id, name, tiers, version) VALUES (gen_random_uuid(), 'r', '[]', 1)`,
    );
    await application.query(`UPDATE routes SET version = 2`);
    expect((await application.query('DELETE FROM routes')).rowCount).toBe(1);
  });

  it.each([
    'CREATE TABLE mine ()',
    'ALTER TABLE routes ADD COLUMN more text',
    'ALTER TABLE routes DISABLE TRIGGER ALL',
    'DROP TABLE routes',
    'TRUNCATE routes',
    'DELETE FROM schema_migrations',
    `CREATE ROLE friend`,
    'SET ROLE postgres',
  ])('may not: %s', async (statement) => {
    await expect(application.query(statement)).rejects.toThrow(refused);
  });
});
