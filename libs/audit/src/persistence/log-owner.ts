import pg from 'pg';
import type { Secret } from '#kernel';
import type { AuditTransaction } from '../audit-trail.js';

const lockTimeoutMs = 5_000;
/** Of all processes one archives at a time. */
const archiveLock = 0x61756476;

/** What the owner of the log may do and the application may not. */
export interface LogOwner {
  /** Months that have a partition, as the first instant of each in UTC, the oldest first. */
  months(): Promise<Date[]>;
  /**
   * Drops the partition of a month, in one transaction with what must go along.
   *
   * @throws when readers are in the way for more than 5 s, among others; nothing is changed then
   */
  drop(month: Date, along: (transaction: AuditTransaction) => Promise<void>): Promise<void>;
}

/** Name of the partition of a month. */
export const partitionOf = (month: Date): string =>
  `audit_events_${month.toISOString().slice(0, 7).replace('-', '_')}`;

/**
 * Connects as the owner for one piece of work, unless another process is at it.
 *
 * @returns whether it was done
 */
export async function asLogOwner(url: Secret, work: (owner: LogOwner) => Promise<void>): Promise<boolean> {
  const client = new pg.Client({
    connectionString: url.reveal(),
    application_name: 'provider-account-pool archive',
  });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const lock = 'SELECT pg_try_advisory_lock($1) AS mine';
    const { rows } = await client.query<{ mine: boolean }>(lock, [archiveLock]);
    if (rows[0]?.mine !== true) return false;
    await client.query(`SET lock_timeout = ${lockTimeoutMs}`);
    await work({ months: () => monthsOf(client), drop: (month, along) => drop(client, month, along) });
    return true;
  } finally {
    await client.end().catch(() => undefined);
  }
}

async function monthsOf(client: pg.Client): Promise<Date[]> {
  const { rows } = await client.query<{ name: string }>(partitions);
  return rows.flatMap(({ name }) => {
    const [, year, month] = /^audit_events_(\d{4})_(\d{2})$/.exec(name) ?? [];
    return year === undefined ? [] : [new Date(Date.UTC(Number(year), Number(month) - 1))];
  });
}

async function drop(
  client: pg.Client,
  month: Date,
  along: (transaction: AuditTransaction) => Promise<void>,
): Promise<void> {
  const name = pg.escapeIdentifier(partitionOf(month));
  const query = async <Rows>(statement: string, values: unknown[] = []): Promise<Rows> =>
    (await client.query(statement, values)).rows as Rows;
  await client.query('BEGIN');
  try {
    // First, as everybody who appends: whoever holds the table and then waits for the chain would wait for ever.
    await along({ query });
    await client.query(`ALTER TABLE audit_events DETACH PARTITION ${name}`);
    await client.query(`DROP TABLE ${name}`);
    await client.query('COMMIT');
  } catch (error) {
    await client.query('ROLLBACK');
    throw error;
  }
}

const partitions = `
  SELECT c.relname AS name FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid
  WHERE i.inhparent = 'audit_events'::regclass ORDER BY c.relname`;
