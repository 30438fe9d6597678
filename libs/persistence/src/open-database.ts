import { join } from 'node:path';
import type { GatewayConfig } from '#config';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import { awaitDatabase } from './await-database.js';
import { claimDataDir } from './claim/claim-data-dir.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';
import { applicationRole } from './embedded/embedded-url.js';
import { roleOf } from './roles/role-of.js';

/** A database that answers. */
export interface OpenDatabase {
  /** For the application. */
  readonly url: Secret;
  /** For migrations and what only the owner of the tables may do; the same as `url` where there is one role only. */
  readonly ownerUrl: Secret;
  /** The role that `url` acts as; `null` when that is the owner. */
  readonly applicationRole: string | null;
  /** Whether it belongs to this process and lives in its data directory. */
  readonly embedded: boolean;
  /** Stops the embedded Postgres and gives the data directory free. Close every pool first. */
  close(): Promise<void>;
}

/**
 * Claims the data directory for this process and opens the database: the one of `DATABASE_URL`, for which it waits up to
 * 30 s, or an embedded Postgres in `<DATA_DIR>/postgres`.
 *
 * @throws DatabaseUnavailable with what is wrong and what to do; nothing stays started or claimed
 */
export async function openDatabase(
  config: Pick<GatewayConfig, 'dataDir' | 'database'>,
  logger: Logger,
): Promise<OpenDatabase> {
  const claim = await claimDataDir(config.dataDir);
  try {
    const { stop, ...database } = await open(config, logger);
    const close = async (): Promise<void> => {
      await stop();
      await claim.release();
    };
    return { ...database, embedded: config.database.url === null, close };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

interface Opened extends Pick<OpenDatabase, 'url' | 'ownerUrl' | 'applicationRole'> {
  stop(): Promise<void>;
}

async function open(
  { dataDir, database }: Pick<GatewayConfig, 'dataDir' | 'database'>,
  logger: Logger,
): Promise<Opened> {
  if (database.url === null) {
    const embedded = await startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), logger });
    return { ...embedded, applicationRole };
  }
  const stop = (): Promise<void> => Promise.resolve();
  await awaitDatabase(database.url, logger);
  const { url, migrationUrl: ownerUrl } = database;
  if (ownerUrl === null) return { url, ownerUrl: url, applicationRole: null, stop };
  await awaitDatabase(ownerUrl, logger);
  const [role, owner] = await Promise.all([roleOf(url), roleOf(ownerUrl)]);
  return { url, ownerUrl, applicationRole: role === owner ? null : role, stop };
}
