import { readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DataSource } from 'typeorm';
import { Secret } from '#kernel';
import { createLogger } from '#observability';
import { embeddedUrl, ownerRole } from '../embedded/embedded-url.js';
import { readPostmasterFile } from '../embedded/postmaster-file.js';
import { DatabaseUnavailable } from '../persistence.errors.js';
import { loadEntities } from './load-entities.js';
import { migrationDataSource } from './run-migrations.js';

/**
 * The data source of the TypeORM command line, not yet initialised: the database of `DATABASE_MIGRATION_URL`, else of
 * `DATABASE_URL`, else the embedded one of a gateway that runs on `DATA_DIR`, as its owner.
 *
 * @throws DatabaseUnavailable when there is none
 */
export async function commandLineDataSource({
  DATABASE_URL: url = '',
  DATABASE_MIGRATION_URL: migrationUrl = '',
  DATA_DIR: dataDir = '.data',
}: NodeJS.ProcessEnv): Promise<DataSource> {
  const given = migrationUrl === '' ? url : migrationUrl;
  const database = given === '' ? await runningEmbedded(resolve(dataDir)) : new Secret(given);
  const dataSource = await migrationDataSource(database, createLogger({ level: 'warn' }));
  return dataSource.setOptions({ entities: await loadEntities(), logger: 'simple-console' });
}

/**
 * How the owner reaches the embedded database of a gateway that runs.
 *
 * @param dataDir absolute
 * @throws DatabaseUnavailable when none runs there
 */
export async function runningEmbedded(dataDir: string): Promise<Secret> {
  const home = join(dataDir, 'postgres');
  const file = readPostmasterFile(join(home, 'data'));
  if (file === null || !file.ready) {
    throw new DatabaseUnavailable(
      `no embedded database runs in ${home}: start the gateway first, or set DATABASE_URL`,
    );
  }
  const password = (await readFile(join(home, 'password'), 'utf8')).trim();
  return embeddedUrl(ownerRole, password, file.port);
}
