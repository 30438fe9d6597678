import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { randomBytes, randomUUIDv7 } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AuditLog } from '#audit';
import type { NamedKey } from '#config';
import { Secret } from '#kernel';
import {
  AccountControl,
  AccountSearch,
  AccountsService,
  type AccountSearchResult,
  type ProviderAccountPoolOptions,
} from '#provider-account-pool';
import { SecretBox, type SecretsOptions } from '#secrets';
import { FingerprintFiller } from '../../../libs/provider-account-pool/src/fingerprints/fingerprint-filler.js';
import { aServiceAccount } from '../../support/service-account.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { actor, startMs, startPool } from './pool-process.js';

const key = (id: string): NamedKey => ({ id, material: new Secret(randomBytes(32).toString('base64')) });
const textOf = ({ id, material }: NamedKey): string => `${id}:${material.reveal()}`;
const encryption = key('k');
const [older, newer] = [key('older'), key('newer')];
const leaked = 'sk-leaked-0123456789';
const draft = { provider: 'openai', name: 'main', credential: leaked };

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

async function start(
  secrets: Partial<SecretsOptions> = {},
  pool?: ProviderAccountPoolOptions,
): Promise<TestingModule> {
  const all = { encryptionKeys: [encryption], keyPeppers: [older], ...secrets };
  const app = await startPool({ url: database.applicationUrl, secrets: all, pool });
  running.push(app);
  await app.get(FingerprintFiller).run();
  return app;
}

const search = (app: TestingModule, text: string): Promise<AccountSearchResult> =>
  app.get(AccountSearch).find(new Secret(text));
const stop = async (app: TestingModule): Promise<void> => {
  running = running.filter((each) => each !== app);
  await app.close();
};

/** Whose a text is: account and state of the credential, newest first. */
async function ownersOf(app: TestingModule, text: string): Promise<string[]> {
  const { data } = await search(app, text);
  return data.flatMap(({ account, credentials }) =>
    credentials.map(({ state }) => `${account.name} ${state}`),
  );
}

/** Rows as they were before there were fingerprints. @returns their texts */
async function seedOld(app: TestingModule, accountId: string, count: number): Promise<string[]> {
  const rows = Array.from({ length: count }, (_, at) => ({ id: randomUUIDv7(), text: `sk-old-${at}` }));
  const sealed: Buffer[] = [];
  for (const { id, text } of rows) {
    const context = { table: 'account_credentials', column: 'sealed', rowId: id };
    sealed.push(await app.get(SecretBox).seal(new Secret(text), context));
  }
  await app.get(DataSource).query(
    `INSERT INTO account_credentials (id, account_id, state, sealed, preview)
       SELECT id, $1, 'staged', sealed, '' FROM unnest($2::uuid[], $3::bytea[]) AS n (id, sealed)`,
    [accountId, rows.map(({ id }) => id), sealed],
  );
  return rows.map(({ text }) => text);
}

const unknownRows = async (app: TestingModule): Promise<number> => (await search(app, 'x')).notCompared;

describe('a leaked provider key', () => {
  it('leads to its account, in use or no longer, and the search is in the audit log whether it finds anything or not', async () => {
    const app = await start();
    const { id } = await app.get(AccountsService).create(draft, actor);
    expect(await search(app, leaked)).toMatchObject({
      data: [{ account: { id, name: 'main' }, credentials: [{ state: 'active', preview: '…6789' }] }],
      more: false,
      notCompared: 0,
    });
    await app.get(AccountsService).update(id, 1, { credential: 'sk-second-0123456789' }, actor);
    expect(await ownersOf(app, leaked)).toEqual(['main revoked']);
    expect(await ownersOf(app, 'sk-second-0123456789')).toEqual(['main active']);
    expect((await search(app, 'sk-nobody')).data).toEqual([]);
    const events = await app.get(AuditLog).findSecret(new Secret('sk-nobody'));
    expect(events).toMatchObject([{ action: 'account.searched', targets: [], facts: { accounts: 0 } }]);
    const found = await app.get(AuditLog).findSecret(new Secret(leaked));
    expect(found.filter(({ action }) => action === 'account.searched')).toMatchObject([
      { targets: [`account:${id}`] },
      { targets: [`account:${id}`] },
    ]);
  });

  it('is found by its secret part when it is JSON, and not by a part that is none', async () => {
    const app = await start();
    const credential = aServiceAccount({ location: 'europe-west1' });
    await app
      .get(AccountsService)
      .create({ ...draft, provider: 'vertex-ai', name: 'google', credential }, actor);
    const { private_key: privateKey } = JSON.parse(credential) as { private_key: string };
    for (const text of [
      credential,
      aServiceAccount(),
      privateKey,
      privateKey.replaceAll('\n', String.raw`\n`),
    ])
      expect(await ownersOf(app, text)).toEqual(['google active']);
    expect(await ownersOf(app, 'europe-west1')).toEqual([]);
  });

  it('is found among the keys of the environment', async () => {
    const keys = { singleKeys: [], keys: [{ provider: 'groq', key: new Secret(leaked) }], coolDownMs: 1 };
    const app = await start({}, { staticPool: keys });
    expect(await search(app, leaked)).toMatchObject({
      data: [{ account: { id: 'static:groq:1' }, credentials: [{ id: null, state: 'active' }] }],
    });
  });

  it('is found by a process that has just heard nothing of the account', async () => {
    const [maker, other] = [await start(), await start()];
    await maker.get(AccountsService).create(draft, actor);
    expect(await ownersOf(other, leaked)).toEqual(['main active']);
  });

  it('is found after the pepper was changed, and after the older one was dropped', async () => {
    const first = await start();
    await first.get(AccountsService).create(draft, actor);
    await stop(first);
    const both = await start({ keyPeppers: [newer, older] });
    expect(await ownersOf(both, leaked)).toEqual(['main active']);
    await stop(both);
    const alone = await start({ keyPeppers: [newer] });
    expect(await ownersOf(alone, leaked)).toEqual(['main active']);
  });
});

describe('credentials from before there were fingerprints', () => {
  it('are told as not compared until they have theirs, and get it without news to anybody', async () => {
    const app = await start();
    const { id } = await app.get(AccountsService).create(draft, actor);
    const texts = await seedOld(app, id, 250);
    expect(await search(app, 'sk-old-7')).toMatchObject({ data: [], notCompared: 250 });
    const version = `SELECT version FROM change_counters WHERE topic = 'accounts'`;
    const before: unknown = await app.get(DataSource).query(version);
    await app.get(FingerprintFiller).run();
    expect(await app.get(DataSource).query(version)).toEqual(before);
    expect(await unknownRows(app)).toBe(0);
    for (const text of [texts[0], texts[120], texts[249]])
      expect(await ownersOf(app, text ?? '')).toEqual(['main staged']);
  });

  it('get the rest of them from the next process when one is killed with -9 in the middle', async () => {
    const app = await start();
    const { id } = await app.get(AccountsService).create(draft, actor);
    const texts = await seedOld(app, id, 1_000);
    const script = `
      import 'reflect-metadata';
      import { importTypeScript } from './test/support/import-typescript.js';
      const { fingerprintUntilKilled } = await importTypeScript('../integration/provider-account-pool/fingerprint-until-killed.ts');
      await fingerprintUntilKilled(...process.argv.slice(1));`;
    // The 650th row is locked, so that the job stands still there until it is killed.
    const holder = app.get(DataSource).createQueryRunner();
    await holder.startTransaction();
    await holder.query(`SELECT FROM account_credentials
       WHERE id = (SELECT id FROM account_credentials ORDER BY id OFFSET 650 LIMIT 1) FOR UPDATE`);
    const args = [database.applicationUrl.reveal(), textOf(encryption), textOf(older)];
    const child = spawn(process.execPath, ['--input-type=module', '--eval', script, ...args], {
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    const ended = once(child, 'close');
    await until(
      () => unknownRows(app),
      (rows) => rows < 500,
    );
    child.kill('SIGKILL');
    expect(await ended).toEqual([null, 'SIGKILL']);
    await holder.rollbackTransaction();
    await holder.release();
    expect(await unknownRows(app)).toBeGreaterThan(0);
    await app.get(FingerprintFiller).run();
    expect(await unknownRows(app)).toBe(0);
    expect(await ownersOf(app, texts[999] ?? '')).toEqual(['main staged']);
  }, 60_000);

  it('that cannot be opened are counted, and keep none of the others from theirs', async () => {
    const app = await start();
    const { id } = await app.get(AccountsService).create(draft, actor);
    await seedOld(app, id, 120);
    await app
      .get(DataSource)
      .query(
        `UPDATE account_credentials SET sealed = 'x' WHERE id IN (SELECT id FROM account_credentials WHERE state = 'staged' LIMIT 3)`,
      );
    await app.get(FingerprintFiller).run();
    expect(await unknownRows(app)).toBe(3);
  });
});

describe('the same key twice', () => {
  it('is refused with the name of the account that has it, also in another layout, unless that is wanted', async () => {
    const app = await start();
    const accounts = app.get(AccountsService);
    const { id } = await accounts.create(draft, actor);
    const again = { ...draft, name: 'again' };
    await expect(accounts.create(again, actor)).rejects.toMatchObject({
      code: 'conflict',
      message: expect.stringContaining(`'main' (${id})`),
      details: { field: 'credential' },
    });
    const other = await accounts.create({ ...again, credential: 'sk-other-0123456789' }, actor);
    const attempt = accounts.update(other.id, 1, { credential: ` ${leaked}\n` }, actor);
    await expect(attempt).rejects.toMatchObject({ code: 'conflict' });
    const changed = await accounts.update(other.id, 1, { credential: leaked, allowDuplicate: true }, actor);
    expect(changed).not.toHaveProperty('allowDuplicate');
    expect((await search(app, leaked)).data).toHaveLength(2);
  });

  it('is one account when two admins add it at once', async () => {
    const apps = [await start(), await start()];
    const attempts = apps.flatMap((app, at) =>
      [0, 1, 2].map((n) => app.get(AccountsService).create({ ...draft, name: `n${at}${n}` }, actor)),
    );
    const made = (await Promise.allSettled(attempts)).filter(({ status }) => status === 'fulfilled');
    expect(made).toHaveLength(1);
  });

  it('is taken where it is meant: the account itself, another provider, another region, one that was replaced', async () => {
    const app = await start();
    const accounts = app.get(AccountsService);
    const { id } = await accounts.create(draft, actor);
    await accounts.update(id, 1, { credential: leaked }, actor);
    await accounts.create({ ...draft, provider: 'groq' }, actor);
    const inRegion = (location: string) => ({
      provider: 'vertex-ai',
      name: location,
      credential: aServiceAccount({ location }),
    });
    await accounts.create(inRegion('europe-west1'), actor);
    await accounts.create(inRegion('us-east1'), actor);
    await accounts.update(id, 2, { credential: 'sk-next-0123456789' }, actor);
    await accounts.create({ ...draft, name: 'heir' }, actor);
    expect((await search(app, leaked)).data).toHaveLength(3);
  });

  it('is not taken after its account was marked as compromised', async () => {
    const app = await start();
    const { id } = await app.get(AccountsService).create(draft, actor);
    await app.get(AccountControl).markCompromised(id, 'seen in public', actor);
    const attempt = app.get(AccountsService).create({ ...draft, name: 'again' }, actor);
    await expect(attempt).rejects.toMatchObject({ code: 'conflict' });
  });
});
