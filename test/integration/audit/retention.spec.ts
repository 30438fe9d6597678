import { createHash } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import pg from 'pg';
import { AuditLog, AuditRetention, AuditTrail, AuditVerifier } from '#audit';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { happened, startAudit } from './audit-process.js';

/** Events of each month that is archived. */
const perMonth = 5;

let database: TestDatabase;
let dataDir: string;
let app: TestingModule;
let owner: pg.Client;
/** The months before this one, the oldest first, as the names of their partitions. */
let months: string[];

const partition = (monthsAgo: number): string => {
  const now = new Date();
  const month = new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() - monthsAgo));
  return `audit_events_${month.toISOString().slice(0, 7).replace('-', '_')}`;
};

/** The log is written by the clock of the database: events of months ago are put in place of the chain's own time. */
async function happenedMonthsAgo(monthsAgo: number): Promise<void> {
  const name = partition(monthsAgo);
  const from = `date_trunc('month', now(), 'UTC') - interval '${monthsAgo} months'`;
  const bounds = await owner.query<{ from: string; to: string }>(
    `SELECT (${from})::text AS from, (${from} + interval '1 month')::text AS to`,
  );
  const { from: least = '', to: beyond = '' } = bounds.rows[0] ?? {};
  await owner.query(
    `CREATE TABLE ${name} PARTITION OF audit_events FOR VALUES FROM ('${least}') TO ('${beyond}')`,
  );
  await owner.query(`SELECT make_append_only('${name}')`);
  const inThatMonth = `'${least}'::timestamptz + interval '3 days'`;
  const trail = app.get(AuditTrail);
  await owner.query('BEGIN');
  // What appends asks the database for the time; here alone it is told another.
  const query = async <Rows>(statement: string, values: unknown[] = []): Promise<Rows> => {
    const text = statement.replace('extract(epoch FROM at)', `extract(epoch FROM ${inThatMonth})`);
    return (await owner.query(text, values)).rows as Rows;
  };
  for (let i = 0; i < perMonth; i += 1) {
    await trail.append({ query }, [{ action: 'route.changed', targets: [`route:${monthsAgo}.${i}`] }]);
  }
  await owner.query('COMMIT');
}

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-audit-'));
  app = await startAudit({ database, dataDir, retentionMonths: 1 });
  owner = new pg.Client({ connectionString: database.url.reveal() });
  await owner.connect();
  for (const monthsAgo of [3, 2, 1]) await happenedMonthsAgo(monthsAgo);
  await happened(app, 2);
  months = [partition(3), partition(2)];
}, 60_000);
afterEach(async () => {
  await Promise.all([owner.end(), app.close()]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const archiveOf = (name: string): string => join(dataDir, 'audit-archive', `${name}.jsonl`);
const page = { limit: 100, cursor: null };

describe('retention', () => {
  it('archives, seals and drops months that are too old, and the log is whole all the same', async () => {
    expect(await app.get(AuditVerifier).verify()).toMatchObject({ ok: true, checked: 17, seals: 0 });
    expect(await app.get(AuditRetention).run()).toEqual(months);
    expect(await app.get(AuditVerifier).verify()).toMatchObject({ ok: true, checked: 9, seals: 2 });
    expect(await app.get(AuditRetention).run()).toEqual([]);
    await happened(app, 1);
    expect(await app.get(AuditVerifier).verify()).toMatchObject({ ok: true, checked: 10 });
    const { data } = await app.get(AuditLog).list(page, { action: 'audit.sealed' });
    expect(data.map(({ facts }) => facts?.['partition'])).toEqual([...months].reverse());
  });

  it('leaves a file of each month, whole and for this user alone, and a manifest of it', async () => {
    await app.get(AuditRetention).run();
    for (const [at, name] of months.entries()) {
      const text = await readFile(archiveOf(name), 'utf8');
      const manifest = JSON.parse(await readFile(`${archiveOf(name)}.manifest.json`, 'utf8')) as object;
      const firstSequence = at * perMonth + 1;
      const lines = text.trim().split('\n');
      const last = JSON.parse(lines.at(-1) ?? '') as { hash: string };
      expect(manifest).toMatchObject({
        events: perMonth,
        firstSequence,
        lastSequence: firstSequence + perMonth - 1,
        headHash: last.hash,
        sha256: createHash('sha256').update(text).digest('hex'),
      });
      expect((await stat(archiveOf(name))).mode & 0o777).toBe(0o600);
    }
    expect((await readdir(join(dataDir, 'audit-archive'))).filter((name) => /unfinished/.test(name))).toEqual(
      [],
    );
  });

  it('keeps a month whose chain is broken, and says which event broke it', async () => {
    await owner.query(`ALTER TABLE ${partition(2)} DISABLE TRIGGER refuse_change`);
    await owner.query(`UPDATE ${partition(2)} SET outcome = 'failed' WHERE sequence = ${perMonth + 2}`);
    await expect(app.get(AuditRetention).run()).rejects.toThrow(
      new RegExp(`the event ${perMonth + 2} is not as it was \\(changed\\)`),
    );
    const { data } = await app.get(AuditLog).list(page, { target: `route:2.0` });
    expect(data).toHaveLength(1);
  });

  it.each([
    ['a seal that was changed', `UPDATE audit_seals SET archive = 'other' WHERE first_sequence = 1`, 1],
    ['a seal that was deleted', `DELETE FROM audit_seals WHERE first_sequence > 1`, perMonth + 1],
    ['events that were dropped without a seal', `DROP TABLE ${partition(1)}`, 2 * perMonth + 1],
  ])('is not taken for %s', async (_what, statement, firstBadSequence) => {
    await app.get(AuditRetention).run();
    await owner.query('ALTER TABLE audit_seals DISABLE TRIGGER refuse_change');
    await owner.query(statement);
    expect(await app.get(AuditVerifier).verify()).toMatchObject({ ok: false, firstBadSequence });
  });

  it('is done by one process at a time', async () => {
    const other = await startAudit({ database, dataDir, retentionMonths: 1 });
    const gone = await Promise.all([app, other].map((each) => each.get(AuditRetention).run()));
    expect(gone.flat().sort()).toEqual(months);
    await other.close();
  });
});
