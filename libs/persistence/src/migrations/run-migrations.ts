import pg from 'pg';
import { DataSource } from 'typeorm';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import { grantApplication } from '../roles/grant-application.js';
import { dataSourceOptions } from '../typeorm/data-source-options.js';
import { loadMigrations } from './load-migrations.js';

/** Any number nobody else uses as an advisory lock in this database; "pool" in ASCII. */
const migrationLock = 0x706f6f6c;
const lockWaitMs = 300_000;

/** The data source that migrations run in, also for the TypeORM CLI; not yet initialised. */
export async function migrationDataSource(url: Secret, logger: Logger): Promise<DataSource> {
  return new DataSource({
    ...dataSourceOptions(url, logger, { poolSize: 2, statementTimeoutMs: 0 }),
    migrations: await loadMigrations(),
    migrationsTableName: 'schema_migrations',
    migrationsTransactionMode: 'each',
  });
}

/**
 * Brings the schema up to date. Under an advisory lock: of several processes that start together one migrates and the
 * others wait, up to 5 minutes, and find nothing to do. Then the application's role gets its rights.
 *
 * @param url of the role that owns the schema
 * @param applicationRole the role that the application runs as; `null` when that is the owner
 * @returns the names of the migrations that were run, oldest first
 */
export async function runMigrations(
  url: Secret,
  logger: Logger,
  applicationRole: string | null = null,
): Promise<string[]> {
  const lock = new pg.Client({
    connectionString: url.reveal(),
    application_name: 'provider-account-pool migrations',
  });
  lock.on('error', (error) => logger.warn('lost the connection that holds the migration lock', { error }));
  await lock.connect();
  try {
    await lock.query(`SET lock_timeout = ${lockWaitMs}`);
    await lock.query('SELECT pg_advisory_lock($1)', [migrationLock]);
    return await migrate(await migrationDataSource(url, logger), logger, applicationRole);
  } finally {
    await lock.end();
  }
}

async function migrate(
  dataSource: DataSource,
  logger: Logger,
  applicationRole: string | null,
): Promise<string[]> {
  await dataSource.initialize();
  try {
    const names = (await dataSource.runMigrations()).map((migration) => migration.name);
    if (applicationRole !== null) await grantApplication(dataSource, applicationRole);
    if (names.length > 0) logger.info('migrated the database', { migrations: names });
    return names;
  } finally {
    await dataSource.destroy();
  }
}
