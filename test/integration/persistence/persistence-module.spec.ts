import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { Test } from '@nestjs/testing';
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Secret } from '#kernel';
import { Logger, NestLogger } from '#observability';
import { ChangeFeed, isDatabaseDown, PersistenceModule } from '#persistence';
import { silentLogger } from '../../support/silent-logger.js';
import type { TestDatabase } from '../../support/test-database.js';
import { createTestDatabase } from '../../support/test-database.js';

@Global()
@Module({ providers: [{ provide: Logger, useValue: silentLogger }], exports: [Logger] })
class SilentLogging {}

describe('the persistence module', () => {
  let database: TestDatabase;
  beforeAll(async () => {
    database = await createTestDatabase();
  });
  afterAll(() => database.drop());

  it('connects to a migrated database with bounded statements', async () => {
    const module = await connect();
    const dataSource = module.get(DataSource);
    expect(await dataSource.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '1234ms' }]);
    expect(await dataSource.query('SELECT * FROM change_counters WHERE false')).toEqual([]);
    expect(module.get(ChangeFeed)).toBeDefined();
    await module.close();
  });

  it('outlives a database that cuts all connections, and says that it was down', async () => {
    const module = await connect();
    const dataSource = module.get(DataSource);
    const cutAll =
      'SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database()';
    const failure: unknown = await dataSource.query(cutAll).catch((error: unknown) => error);
    expect(isDatabaseDown(failure)).toBe(true);
    // The pool notices each cut connection on its own; at most ten stand in the way.
    const attempts = Array.from({ length: 10 }, () =>
      dataSource.query('SELECT 1').then(
        () => 'up',
        () => 'down',
      ),
    );
    expect(await Promise.all(attempts)).toContain('up');
    await module.close();
  });

  it('does not take a wrong statement for a database that is down', async () => {
    const module = await connect();
    const failure: unknown = await module
      .get(DataSource)
      .query('SELEKT')
      .catch((error: unknown) => error);
    expect(isDatabaseDown(failure)).toBe(false);
    await module.close();
  });

  it('says that the database is down when nobody listens', async () => {
    const url = new Secret('postgres://postgres@127.0.0.1:1/postgres');
    const failure: unknown = await connect(url).catch((error: unknown) => error);
    expect(isDatabaseDown(failure)).toBe(true);
  });

  const connect = (url = database.url): Promise<TestingModule> =>
    Test.createTestingModule({
      imports: [SilentLogging, PersistenceModule.forRoot({ url, statementTimeoutMs: 1_234 })],
    })
      .setLogger(new NestLogger(silentLogger))
      .compile();
});
