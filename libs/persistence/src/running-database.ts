import type { GatewayConfig } from '#config';
import { runningEmbedded } from './migrations/command-line.js';
import type { OpenDatabase } from './open-database.js';

/**
 * How a command reaches the database of a gateway beside it: the one of `DATABASE_URL`, else the embedded one of the gateway
 * that runs on the data directory, as its owner.
 *
 * @throws DatabaseUnavailable when no gateway runs there
 */
export async function runningDatabase({
  dataDir,
  database: { url, migrationUrl },
}: Pick<GatewayConfig, 'dataDir' | 'database'>): Promise<Pick<OpenDatabase, 'url' | 'ownerUrl'>> {
  const reached = url ?? (await runningEmbedded(dataDir));
  return { url: reached, ownerUrl: migrationUrl ?? reached };
}
