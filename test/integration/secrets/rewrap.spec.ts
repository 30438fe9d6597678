import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it, jest } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import type { NamedKey } from '#config';
import { Secret } from '#kernel';
import { AccountsService } from '#provider-account-pool';
import { EncryptionKeys, KeyCanary, SecretBox, type SecretsOptions } from '#secrets';
import { RewrapJobs } from '../../../libs/secrets/src/persistence/rewrap-jobs.js';
import { SealedRows } from '../../../libs/secrets/src/persistence/sealed-rows.js';
import { Rewrapper } from '../../../libs/secrets/src/rewrap/rewrapper.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { actor, leaseOf, startMs, startPool } from '../provider-account-pool/pool-process.js';

const key = (id: string): NamedKey => ({ id, material: new Secret(randomBytes(32).toString('base64')) });
const [older, newer] = [key('older'), key('newer')];
const draft = { provider: 'openai', name: 'main', credential: 'sk-main-0123456789', allowDuplicate: true };
const nothing = async (): Promise<void> => undefined;
const cellOf = (rowId: string) => ({ table: 'account_credentials', column: 'sealed', rowId });

let database: TestDatabase;
let running: TestingModule[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
}, startMs);
afterEach(async () => {
  await Promise.all(running.map((app) => app.close()));
  running = [];
  await database.drop();
});

async function start(secrets: Partial<SecretsOptions>): Promise<TestingModule> {
  const app = await startPool({ url: database.applicationUrl, secrets });
  running.push(app);
  return app;
}

/** An account with its own key and so many retired ones. @returns the text of each credential by its id */
async function seed(app: TestingModule, count: number): Promise<Map<string, string>> {
  const { id } = await app.get(AccountsService).create(draft, actor);
  const texts = new Map(Array.from({ length: count }, (_, at) => [randomUUIDv7(), `sk-retired-${at}`]));
  const box = app.get(SecretBox);
  for (const [rowId, text] of texts) {
    const sealed = await box.seal(new Secret(text), cellOf(rowId));
    await app
      .get(DataSource)
      .query(
        `INSERT INTO account_credentials (id, account_id, state, sealed, preview) VALUES ($1, $2, 'retiring', $3, '')`,
        [rowId, id, sealed],
      );
  }
  return texts;
}

/** What the credentials of these ids open to. */
async function opened(app: TestingModule, ids: Iterable<string>): Promise<Map<string, string>> {
  const rows: { id: string; sealed: Buffer }[] = await app
    .get(DataSource)
    .query('SELECT id, sealed FROM account_credentials WHERE id = ANY ($1)', [[...ids]]);
  const texts = new Map<string, string>();
  for (const { id, sealed } of rows) {
    const text = await app.get(SecretBox).open(sealed, cellOf(id));
    texts.set(id, text instanceof Secret ? text.reveal() : text.reason);
  }
  return texts;
}

const rowsByKey = async (app: TestingModule): Promise<Record<string, number>> => {
  const { keys } = await app.get(EncryptionKeys).report();
  return Object.fromEntries(keys.map(({ keyId, rows }) => [keyId, rows]));
};
const sorted = (texts: Map<string, string>) => [...texts].sort();

describe('the re-wrap job', () => {
  it('moves everything to the primary key while calls are served; then the older key may be dropped', async () => {
    const texts = await seed(await start({ encryptionKeys: [older] }), 250);
    const app = await start({ encryptionKeys: [newer, older], rewrapPace: { batchRows: 40, pauseMs: 1 } });
    expect(await rowsByKey(app)).toEqual({ newer: 0, older: 251 });
    const job = await app.get(EncryptionKeys).rewrap(nothing);
    expect(job).toMatchObject({ keyId: 'newer', state: 'running' });
    expect((await app.get(EncryptionKeys).rewrap(nothing)).id).toBe(job.id);
    expect(leaseOf(app).target.credential.reveal()).toBe(draft.credential);
    await app.get(Rewrapper).work();
    expect((await app.get(EncryptionKeys).report()).rewrap).toMatchObject({
      state: 'done',
      moved: 251,
      unreadable: 0,
    });
    const alone = await start({ encryptionKeys: [newer] });
    expect(await rowsByKey(alone)).toEqual({ newer: 251 });
    expect(sorted(await opened(alone, texts.keys()))).toEqual(sorted(texts));
    expect(leaseOf(alone).target.credential.reveal()).toBe(draft.credential);
    expect(await alone.get(KeyCanary).check()).toEqual([{ keyId: 'newer', state: 'ok' }]);
  });

  it('killed with -9 in the middle leaves every row readable, and is taken up where it was', async () => {
    const texts = await seed(await start({ encryptionKeys: [older] }), 300);
    const app = await start({ encryptionKeys: [newer, older] });
    await killInTheMiddle(async () => ((await rowsByKey(app))['newer'] ?? 0) >= 50);
    const atDeath = await rowsByKey(app);
    expect(atDeath['older']).toBeGreaterThan(0);
    expect(atDeath['newer']).toBeGreaterThanOrEqual(50);
    expect(sorted(await opened(app, texts.keys()))).toEqual(sorted(texts));
    await app.get(Rewrapper).work();
    expect(await rowsByKey(app)).toEqual(atDeath);
    // The lease of the dead ends.
    await app.get(DataSource).query('UPDATE rewrap_jobs SET claimed_until = now()');
    await app.get(Rewrapper).work();
    expect(await rowsByKey(app)).toEqual({ newer: 301 });
    expect((await app.get(EncryptionKeys).report()).rewrap).toMatchObject({ state: 'done', moved: 301 });
    expect(sorted(await opened(app, texts.keys()))).toEqual(sorted(texts));
  });

  it('does not overwrite what others wrote meanwhile, and leaves what it cannot open', async () => {
    const texts = await seed(await start({ encryptionKeys: [older] }), 3);
    const app = await start({ encryptionKeys: [newer, older] });
    const [changed = '', broken = ''] = texts.keys();
    const write = (id: string, sealed: Buffer) =>
      app.get(DataSource).query('UPDATE account_credentials SET sealed = $2 WHERE id = $1', [id, sealed]);
    await write(broken, Buffer.from('nonsense'));
    const box = app.get(SecretBox);
    const seal = box.seal.bind(box);
    jest.spyOn(box, 'seal').mockImplementation(async (secret, context) => {
      const sealed = await seal(secret, context);
      if (context.rowId === changed) await write(changed, await seal(new Secret('sk-new'), context));
      return sealed;
    });
    await app.get(EncryptionKeys).rewrap(nothing);
    await app.get(Rewrapper).work();
    expect((await app.get(EncryptionKeys).report()).rewrap).toMatchObject({ moved: 2, unreadable: 1 });
    const after = await opened(app, texts.keys());
    expect([after.get(changed), after.get(broken)]).toEqual(['sk-new', 'malformed']);
  });

  it('undoes the batch of a process that lost the job to another', async () => {
    const texts = await seed(await start({ encryptionKeys: [older] }), 3);
    const app = await start({ encryptionKeys: [newer, older] });
    const [column] = app.get(SealedRows).columns;
    if (column === undefined) throw new Error('no sealed column');
    const jobs = app.get(RewrapJobs);
    await jobs.start('newer', nothing);
    const slow = await jobs.claim('newer');
    expect(await jobs.claim('newer')).toBeNull();
    await app.get(DataSource).query('UPDATE rewrap_jobs SET claimed_until = now()');
    expect(await jobs.claim('newer')).toMatchObject({ fence: 2 });
    if (slow === null) throw new Error('not claimed');
    const rows = await app.get(SealedRows).next(column, 'newer', null, 10);
    const late = app.get(SealedRows).transaction(async (manager) => {
      const resealed = rows.map((row) => ({ ...row, previous: row.sealed, sealed: Buffer.from('late') }));
      expect(await app.get(SealedRows).replace(manager, column, resealed)).toBe(4);
      await jobs.advance(manager, slow, { atColumn: 'x', afterRow: 'y', moved: 4, unreadable: 0 });
    });
    await expect(late).rejects.toThrow('another process has taken the re-wrap job over');
    expect(sorted(await opened(app, texts.keys()))).toEqual(sorted(texts));
  });
});

describe('whoever holds the keys', () => {
  it('is never asked inside of a transaction', async () => {
    await seed(await start({ encryptionKeys: [older] }), 3);
    const app = await start({ encryptionKeys: [newer, older] });
    const watcher = await new DataSource({ type: 'postgres', url: database.url.reveal() }).initialize();
    const box = app.get(SecretBox);
    const [seal, open] = [box.seal.bind(box), box.open.bind(box)];
    let asked = 0;
    // The asker waits meanwhile: a transaction of its own would stay open, and this wait would never end. Others' do end.
    const look = async (): Promise<void> => {
      const open = async (): Promise<{ open: number }[]> => watcher.query(openTransactions);
      await until(open, ([row]) => row?.open === 0);
      asked += 1;
    };
    jest.spyOn(box, 'seal').mockImplementation(async (...given) => (await look(), seal(...given)));
    jest.spyOn(box, 'open').mockImplementation(async (...given) => (await look(), open(...given)));
    const { id } = await app.get(AccountsService).create({ ...draft, name: 'second' }, actor);
    await app.get(AccountsService).update(id, 1, { credential: 'sk-second-987654' }, actor);
    await app.get(EncryptionKeys).rewrap(nothing);
    await app.get(Rewrapper).work();
    await watcher.destroy();
    expect(asked).toBeGreaterThanOrEqual(2 + 2 + 4);
  });
});

describe('a key that seals something', () => {
  it('cannot be dropped or exchanged: the start is refused, with its id and the remedy', async () => {
    await seed(await start({ encryptionKeys: [older] }), 2);
    const refusal = '"older" (3 rows)';
    await expect(start({ encryptionKeys: [newer] })).rejects.toThrow(refusal);
    await expect(start({ encryptionKeys: [newer] })).rejects.toThrow('LOST_ENCRYPTION_KEYS=older');
    await expect(start({ encryptionKeys: [key('older')] })).rejects.toThrow(refusal);
    const app = await start({ encryptionKeys: [newer], lostEncryptionKeys: ['older'] });
    const { data } = app.get(AccountsService).list({ limit: 10, cursor: null });
    expect(data).toMatchObject([
      { state: { machine: 'auth_failed', reason: 'credential.unreadable.unknown_key' } },
    ]);
    const { keys } = await app.get(EncryptionKeys).report();
    expect(keys).toMatchObject([
      { keyId: 'newer', available: true },
      { keyId: 'older', available: false, rows: 3 },
    ]);
  });
});

describe('envelopes put into the place of others', () => {
  it('do not open: the accounts show it at once and after a restart, the rest serves', async () => {
    const secrets = { encryptionKeys: [older] };
    const app = await start(secrets);
    const accounts = app.get(AccountsService);
    const make = async (name: string) => (await accounts.create({ ...draft, name }, actor)).id;
    const [a, b, healthy] = [await make('a'), await make('b'), await make('healthy')];
    await app.get(DataSource).query(swap, [a, b]);
    await accounts.update(healthy, 1, { weight: 2 }, actor);
    for (const process of [app, await start(secrets)]) {
      for (const id of [a, b]) {
        const { state } = process.get(AccountsService).get(id);
        expect(state).toMatchObject({ machine: 'auth_failed', reason: 'credential.unreadable.damaged' });
      }
      for (let i = 0; i < 5; i += 1) expect(leaseOf(process).accountId).toBe(healthy);
    }
  });
});

describe('sealed columns', () => {
  it('are all declared: the job and the counts miss none but the canaries', async () => {
    const app = await start({ encryptionKeys: [older] });
    const columns: { name: string }[] = await app.get(DataSource).query(
      `SELECT table_name || '.' || column_name AS name FROM information_schema.columns
       WHERE table_schema = 'public' AND data_type = 'bytea' AND column_name LIKE '%sealed%' ORDER BY 1`,
    );
    // Those of idempotency keys are declared by the gateway, those of rotations by api-keys, which are not here: its own spec moves them.
    expect(columns.map(({ name }) => name)).toEqual([
      'account_credentials.sealed',
      'idempotent_answers.sealed',
      'key_canaries.sealed',
      'rotation_policies.sealed_signing_secret',
      'rotations.sealed_secret',
    ]);
    expect(app.get(SealedRows).columns).toMatchObject([{ table: 'account_credentials', rowId: 'id' }]);
  });
});

/** Runs a process that moves everything, and kills it when it is time. */
async function killInTheMiddle(isTime: () => Promise<boolean>): Promise<void> {
  const script = `
    import 'reflect-metadata';
    import { importTypeScript } from './test/support/import-typescript.js';
    const { rewrapUntilKilled } = await importTypeScript('../integration/secrets/rewrap-until-killed.ts');
    await rewrapUntilKilled(...process.argv.slice(1));`;
  const keys = [newer, older].map(({ id, material }) => `${id}:${material.reveal()}`);
  const args = ['--input-type=module', '--eval', script, database.applicationUrl.reveal(), ...keys];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'ignore', 'inherit'] });
  const ended = once(child, 'close');
  await until(isTime, (yes) => yes);
  child.kill('SIGKILL');
  expect(await ended).toEqual([null, 'SIGKILL']);
}

const openTransactions = `
  SELECT count(*)::integer AS open FROM pg_stat_activity
  WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
    AND backend_type = 'client backend' AND state <> 'active'`;
const swap = `
  UPDATE account_credentials AS t SET sealed = o.sealed FROM account_credentials AS o
  WHERE t.account_id IN ($1, $2) AND o.account_id IN ($1, $2) AND t.account_id <> o.account_id`;
