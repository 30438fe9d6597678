import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { AuditLog, AuditTrail, AuditVerifier, auditedAs } from '#audit';
import { Secret } from '#kernel';
import type { LogFields } from '#observability';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { aPepper, happened, startAudit } from './audit-process.js';

let database: TestDatabase;
let dataDir: string;
let app: TestingModule;
let owner: pg.Client;
let application: pg.Client;

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-audit-'));
  app = await startAudit({ database, dataDir });
  owner = new pg.Client({ connectionString: database.url.reveal() });
  application = new pg.Client({ connectionString: database.applicationUrl.reveal() });
  await Promise.all([owner.connect(), application.connect()]);
  await happened(app, 3);
}, 60_000);
afterAll(async () => {
  await Promise.all([owner.end(), application.end(), app.close()]);
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

const page = { limit: 100, cursor: null };
const partition = async (): Promise<string> =>
  (await owner.query<{ name: string }>('SELECT tableoid::regclass::text AS name FROM audit_events LIMIT 1'))
    .rows[0]?.name ?? '';

describe('the audit log', () => {
  it.each([
    "UPDATE %s SET action = 'x'",
    'DELETE FROM %s',
    'TRUNCATE %s',
    'UPDATE %s SET ip = NULL WHERE false',
  ])("refuses the application's role and its owner: %s", async (statement) => {
    for (const table of ['audit_events', 'audit_seals', await partition()]) {
      const text = statement.replace('%s', table);
      const onSeals = table === 'audit_seals' && statement.startsWith('UPDATE');
      const sealed = onSeals ? "UPDATE audit_seals SET archive = ''" : text;
      await expect(application.query(sealed)).rejects.toThrow(/permission denied/);
      await expect(owner.query(sealed)).rejects.toThrow(/append-only/);
      await owner.query('SET session_replication_role = replica');
      await expect(owner.query(sealed)).rejects.toThrow(/append-only/);
      await owner.query('SET session_replication_role = DEFAULT');
    }
  });

  it.each([
    'ALTER TABLE audit_events DISABLE TRIGGER ALL',
    'DROP TABLE audit_events',
    'ALTER TABLE audit_events DETACH PARTITION %s',
    'INSERT INTO %s SELECT * FROM audit_events',
    'CREATE OR REPLACE FUNCTION refuse_change() RETURNS trigger LANGUAGE sql AS $$ SELECT NULL $$',
    'SET session_replication_role = replica',
  ])("gives the application's role no way round: %s", async (statement) => {
    const text = statement.replace('%s', await partition());
    await expect(application.query(text)).rejects.toThrow(
      /permission denied|must be owner|return type|SQL function/,
    );
  });

  it('has partitions a year ahead, and makes the missing ones by itself', async () => {
    const count = async (): Promise<number> =>
      (await owner.query("SELECT FROM pg_inherits WHERE inhparent = 'audit_events'::regclass")).rowCount ?? 0;
    expect(await count()).toBe(13);
    await application.query('SELECT audit_ensure_partitions(14)');
    expect(await count()).toBe(15);
  });

  it('lets no change happen whose event cannot be written', async () => {
    const source = app.get(DataSource);
    const change = (): Promise<void> =>
      source.transaction(async (manager) => {
        await manager.query(
          `INSERT INTO routes (id, name, tiers, version) VALUES (gen_random_uuid(), 'lost', '[]', 1)`,
        );
        await app.get(AuditTrail).append(manager, [{ action: 'route.created', targets: ['route:1'] }]);
      });
    await owner.query('REVOKE INSERT ON audit_events FROM test_application');
    await expect(change()).rejects.toThrow(/permission denied/);
    await owner.query('GRANT INSERT ON audit_events TO test_application');
    expect(await source.query('SELECT name FROM routes')).toEqual([]);
  });

  it('keeps no event of a change that was undone, and no gap', async () => {
    const trail = app.get(AuditTrail);
    const undone = app.get(DataSource).transaction(async (manager) => {
      await trail.append(manager, [{ action: 'route.deleted', targets: ['route:1'] }]);
      throw new Error('changed my mind');
    });
    await expect(undone).rejects.toThrow('changed my mind');
    await happened(app, 1);
    expect(await app.get(AuditVerifier).verify()).toMatchObject({ ok: true });
  });

  it('is one chain, however many append at once', async () => {
    await Promise.all(Array.from({ length: 8 }, () => happened(app, 10)));
    const { ok, checked } = await app.get(AuditVerifier).verify();
    const { data } = await app.get(AuditLog).list(page, {});
    expect({ ok, checked }).toEqual({ ok: true, checked: data[0]?.sequence });
    expect(checked).toBeGreaterThanOrEqual(84);
  });

  it('refuses to append in a transaction that may not see the newest event', async () => {
    const attempt = app
      .get(DataSource)
      .transaction('REPEATABLE READ', (manager) =>
        app.get(AuditTrail).append(manager, [{ action: 'route.deleted', targets: [] }]),
      );
    await expect(attempt).rejects.toThrow(/READ COMMITTED/);
  });

  it('says who did it, from where, and what changed, but keeps nothing that looks like a key', async () => {
    const origin = {
      actor: { kind: 'api_key', id: 'k1' },
      ip: '192.0.2.1',
      requestId: 'r1',
      correlationId: 'c1\0 sk-proj-abcdefgh12345678',
    } as const;
    await auditedAs(origin, () =>
      app.get(AuditTrail).record([
        {
          action: 'account.disabled',
          targets: ['account:seen'],
          before: { state: 'enabled' },
          after: { state: 'disabled', at: new Date(0), deep: [[[[[[1]]]]]], many: Array(150).fill(1) },
          facts: { reason: 'Bearer sk-ant-abcdefgh12345678 leaked', long: 'x'.repeat(5_000) },
        },
      ]),
    );
    const { data } = await app.get(AuditLog).list(page, { target: 'account:seen' });
    expect(data).toMatchObject([
      {
        actor: origin.actor,
        ip: '192.0.2.1',
        requestId: 'r1',
        correlationId: 'c1\ufffd [redacted]',
        before: { state: 'enabled' },
        after: { state: 'disabled', at: '1970-01-01T00:00:00.000Z' },
        facts: { reason: 'Bearer [redacted] leaked' },
        outcome: 'succeeded',
      },
    ]);
    expect(JSON.stringify(data)).not.toMatch(/abcdefgh12345678/);
    expect(JSON.stringify(data).length).toBeLessThan(3_000);
  });

  it('is read page by page and by filter', async () => {
    const log = app.get(AuditLog);
    const first = await log.list({ limit: 2, cursor: null }, { action: 'account' });
    const second = await log.list({ limit: 2, cursor: first.nextCursor }, { action: 'account' });
    const sequences = [...first.data, ...second.data].map(({ sequence }) => sequence);
    expect(sequences).toEqual([...sequences].sort((a, b) => b - a));
    expect(new Set(sequences).size).toBe(4);
    expect((await log.list(page, { actor: 'k1' })).data).toHaveLength(1);
    expect((await log.list(page, { actor: 'system', outcome: 'refused' })).data).toEqual([]);
    expect((await log.list(page, { from: new Date(Date.now() + 60_000) })).data).toEqual([]);
    expect((await log.list(page, { action: 'acc' })).data).toEqual([]);
    await expect(log.list({ limit: 2, cursor: 'bm8=' }, {})).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('finds the events of a secret that was found somewhere, also those under an older pepper', async () => {
    const secret = new Secret('pap_live_leaked');
    await happened(app, 1, { action: 'api_key.created', secrets: [secret] });
    const found = await app.get(AuditLog).findSecret(secret);
    expect(found).toMatchObject([{ action: 'api_key.created' }]);
    expect(await app.get(AuditLog).findSecret(new Secret('another'))).toEqual([]);
    const { rows } = await owner.query('SELECT audit_events::text AS row FROM audit_events');
    expect(JSON.stringify(rows)).not.toContain('pap_live_leaked');
    const stranger = await startAudit({ database, dataDir, keyPeppers: [aPepper('pepper')] });
    expect(await stranger.get(AuditLog).findSecret(secret)).toEqual([]);
    await stranger.close();
  });

  it('warns where the application owns it', async () => {
    const warnings: string[] = [];
    const logger = {
      debug: () => undefined,
      info: () => undefined,
      warn: (message: string, _fields?: LogFields) => void warnings.push(message),
      error: () => undefined,
    };
    const all = await startAudit({
      database: { ...database, applicationUrl: database.url },
      dataDir,
      logger,
    });
    await all.close();
    const one = await startAudit({ database, dataDir, logger });
    await one.close();
    expect(warnings).toEqual([expect.stringContaining('DATABASE_MIGRATION_URL')]);
  });
});
