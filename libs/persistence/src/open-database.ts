import { join } from 'node:path';
import type { GatewayConfig } from '#config';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import { awaitDatabase } from './await-database.js';
import { claimDataDir } from './claim/claim-data-dir.js';
import { startEmbeddedPostgres } from './embedded/embedded-postgres.js';

/** A database that answers. */
export interface OpenDatabase {
  readonly url: Secret;
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
    const { url, stop } = await open(config, logger);
    const close = async (): Promise<void> => {
      await stop();
      await claim.release();
    };
    return { url, embedded: config.database.url === null, close };
  } catch (error) {
    await claim.release();
    throw error;
  }
}

async function open(
  { dataDir, database }: Pick<GatewayConfig, 'dataDir' | 'database'>,
  logger: Logger,
): Promise<{ url: Secret; stop: () => Promise<void> }> {
  if (database.url === null) return startEmbeddedPostgres({ directory: join(dataDir, 'postgres'), logger });
  await awaitDatabase(database.url, logger);
  return { url: database.url, stop: () => Promise.resolve() };
}
