import { randomBytes } from 'node:crypto';
import pg from 'pg';
import type { Secret } from '#kernel';
import { DatabaseUnavailable } from '../persistence.errors.js';
import { applicationRole } from './embedded-url.js';

/** What keeps the role from ever being more than an application. */
const attributes = 'LOGIN NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS';

/**
 * Lets the application role log in, with a new random password at each start: it is kept nowhere. A cluster of an earlier
 * version gets the role here.
 *
 * @param ownerUrl how the role that owns the cluster connects
 * @returns the password
 * @throws DatabaseUnavailable when the role cannot be made
 */
export async function openApplicationLogin(ownerUrl: Secret): Promise<string> {
  const password = randomBytes(24).toString('base64url');
  const client = new pg.Client({ connectionString: ownerUrl.reveal() });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rowCount } = await client.query('SELECT FROM pg_roles WHERE rolname = $1', [applicationRole]);
    const verb = rowCount === 0 ? 'CREATE' : 'ALTER';
    await client.query(
      `${verb} ROLE ${applicationRole} ${attributes} PASSWORD ${pg.escapeLiteral(password)}`,
    );
    return password;
  } catch (error) {
    throw new DatabaseUnavailable(
      `the embedded Postgres cannot make the role ${applicationRole}: ${(error as Error).message}`,
      { cause: error },
    );
  } finally {
    await client.end().catch(() => undefined);
  }
}
