import { setTimeout as delay } from 'node:timers/promises';
import pg from 'pg';
import type { Secret } from '#kernel';
import type { Logger } from '#observability';
import { isDatabaseDown } from './is-database-down.js';
import { DatabaseUnavailable } from './persistence.errors.js';

const oldestMajorVersion = 15;
const connectTimeoutMs = 5_000;
const longestDelayMs = 4_000;

/**
 * Waits until a Postgres answers, with growing pauses, and checks its version.
 *
 * @param waitMs for how long a server that cannot be reached is tried again; default 30 s
 * @throws DatabaseUnavailable naming host and database: not reachable in time, refused (password, no such database; at
 *   once), or older than Postgres 15
 */
export async function awaitDatabase(url: Secret, logger: Logger, waitMs = 30_000): Promise<void> {
  const where = describe(url);
  const deadlineMs = performance.now() + waitMs;
  for (let delayMs = 250; ; delayMs = Math.min(2 * delayMs, longestDelayMs)) {
    const outcome = await tryOnce(url);
    if (typeof outcome === 'number') return checkVersion(outcome, where);
    if (!isDatabaseDown(outcome)) {
      throw new DatabaseUnavailable(`${where} refuses us: ${outcome.message}`, { cause: outcome });
    }
    if (performance.now() + delayMs > deadlineMs) {
      throw new DatabaseUnavailable(`${where} cannot be reached: ${reasonOf(outcome)}`, { cause: outcome });
    }
    logger.warn('waiting for the database', { where, reason: reasonOf(outcome), delayMs });
    await delay(delayMs);
  }
}

/** @returns the server's major version, or why there is none */
async function tryOnce(url: Secret): Promise<number | Error> {
  const client = new pg.Client({
    connectionString: url.reveal(),
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: connectTimeoutMs,
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ version: number }>(
      `SELECT current_setting('server_version_num')::int / 10000 AS version`,
    );
    return rows[0]?.version ?? 0;
  } catch (error) {
    return error as Error;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function checkVersion(version: number, where: string): void {
  if (version >= oldestMajorVersion) return;
  throw new DatabaseUnavailable(`${where} is Postgres ${version}; ${oldestMajorVersion} or newer is needed`);
}

function describe(url: Secret): string {
  const { hostname, port, pathname } = new URL(url.reveal());
  return `the database ${hostname}:${port === '' ? 5432 : port}${pathname}`;
}

/** An AggregateError (one error per address tried) has no message of its own. */
const reasonOf = (error: Error): string =>
  error.message !== '' ? error.message : String((error as NodeJS.ErrnoException).code);
