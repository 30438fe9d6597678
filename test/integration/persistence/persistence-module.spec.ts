import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Test } from '@nestjs/testing';
import { Global, Module } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { Logger } from '#observability';
import { PersistenceModule } from '#persistence';
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
    const module = await Test.createTestingModule({
      imports: [SilentLogging, PersistenceModule.forRoot({ url: database.url, statementTimeoutMs: 1_234 })],
    }).compile();
    const dataSource = module.get(DataSource);
    expect(await dataSource.query('SHOW statement_timeout')).toEqual([{ statement_timeout: '1234ms' }]);
    expect(await dataSource.query('SELECT * FROM change_counters WHERE false')).toEqual([]);
    await module.close();
  });
});
