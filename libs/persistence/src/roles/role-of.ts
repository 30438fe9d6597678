import pg from 'pg';
import type { Secret } from '#kernel';

/** The role a connection acts as. */
export async function roleOf(url: Secret): Promise<string> {
  const client = new pg.Client({ connectionString: url.reveal() });
  client.on('error', () => undefined);
  try {
    await client.connect();
    const { rows } = await client.query<{ role: string }>('SELECT current_user AS role');
    return rows[0]?.role ?? '';
  } finally {
    await client.end().catch(() => undefined);
  }
}
