import pg from 'pg';
import type { Secret } from '#kernel';

/** Every row of every table, as text with the table's name before it. */
export async function databaseText(url: Secret): Promise<string[]> {
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  const { rows } = await client.query<{ name: string }>(
    `SELECT oid::regclass::text AS name FROM pg_class
     WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition`,
  );
  const dumps: string[] = [];
  for (const { name } of rows) {
    const dump = await client.query<{ row: string }>(`SELECT t::text AS row FROM ${name} t`);
    dumps.push(...dump.rows.map(({ row }) => `${name} ${row}`));
  }
  await client.end();
  return dumps;
}
