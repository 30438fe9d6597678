import { spawn } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { INestApplicationContext } from '@nestjs/common';
import { DataSource } from 'typeorm';
import { UsageRecorder } from '#billing';
import type { Secret } from '#kernel';
import { asId } from '#kernel';
import { usage } from '../../../libs/billing/src/usage-record.fixture.js';
import { breakable, type BreakableDatabase } from '../../support/breakable-database.js';
import { usageLine } from '../../../libs/billing/src/domain/usage-line.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { startBilling } from './billing-app.js';

let database: TestDatabase;
let dataDir: string;
const opened: { close(): Promise<unknown> }[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'billing-'));
});
afterEach(async () => {
  for (const each of opened.splice(0).reverse()) await each.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(url: Secret = database.url): Promise<INestApplicationContext> {
  const app = await startBilling(url, dataDir);
  opened.push(app);
  return app;
}

async function openWay(): Promise<BreakableDatabase> {
  const way = await breakable(database.url);
  opened.push({ close: async () => way.close() });
  return way;
}

async function stop(app: INestApplicationContext): Promise<void> {
  opened.splice(opened.indexOf(app), 1);
  await app.close();
}

async function storedIds(): Promise<string[]> {
  const source = await new DataSource({ type: 'postgres', url: database.url.reveal() }).initialize();
  const rows = await source.query<{ id: string }[]>('SELECT id FROM usage_records');
  await source.destroy();
  return rows.map(({ id }) => id);
}

const newIds = (count: number): string[] => Array.from({ length: count }, () => randomUUID());
const recordAll = (app: INestApplicationContext, ids: readonly string[]): void => {
  for (const id of ids) app.get(UsageRecorder).record(usage({ id: asId(id) }));
};
const journalFiles = async (): Promise<string[]> =>
  (await readdir(join(dataDir, 'usage-journal'), { recursive: true })).filter((name) =>
    name.endsWith('.jsonl'),
  );

describe('usage records', () => {
  it('are all stored when the process stops in order, and the journal is empty', async () => {
    const app = await start();
    const ids = newIds(2_000);
    recordAll(app, ids);
    await stop(app);
    expect((await storedIds()).sort()).toEqual(ids.sort());
    expect(await journalFiles()).toEqual([]);
  });

  it('are stored once, however often a call is recorded', async () => {
    const ids = newIds(10);
    const app = await start();
    recordAll(app, ids);
    recordAll(app, ids);
    await stop(app);
    const again = await start();
    recordAll(again, ids);
    await stop(again);
    expect((await storedIds()).sort()).toEqual(ids.sort());
  });

  it('survive kill -9 in mid-stream: every one whose turn was over is stored exactly once', async () => {
    const acknowledged = await recordInChildAndKill(5_000);
    const app = await start();
    await stop(app);
    const stored = await storedIds();
    expect(new Set(stored).size).toBe(stored.length);
    expect(acknowledged.length).toBeGreaterThanOrEqual(5_000);
    expect(acknowledged.filter((id) => !stored.includes(id))).toEqual([]);
    expect(await journalFiles()).toEqual([]);
  });

  it('survive Postgres going away and coming back', async () => {
    const way = await openWay();
    const app = await start(way.url);
    const [before, during, after] = [newIds(50), newIds(500), newIds(50)];
    recordAll(app, before);
    way.cut();
    recordAll(app, during);
    await new Promise(setImmediate);
    expect(await journalFiles()).not.toEqual([]);
    way.mend();
    recordAll(app, after);
    await stop(app);
    const next = await start();
    await stop(next);
    expect((await storedIds()).sort()).toEqual([...before, ...during, ...after].sort());
  });

  it('wait in the journal when the process stops while Postgres is away', async () => {
    const way = await openWay();
    const app = await start(way.url);
    way.cut();
    const ids = newIds(300);
    recordAll(app, ids);
    await stop(app);
    expect(await storedIds()).toEqual([]);
    await stop(await start());
    expect((await storedIds()).sort()).toEqual(ids.sort());
  });

  it('are stored around torn, corrupt and impossible lines, which are set aside', async () => {
    const ids = newIds(3);
    const lineOf = (id: string): string => usageLine(usage({ id: asId(id) }), 1n).trimEnd();
    const bad = [
      lineOf('no-uuid'),
      lineOf(randomUUID()).replace('"fast"', 'null'),
      '["id]',
      '{}',
      '\0\0\0',
      lineOf('').slice(0, 90),
    ];
    const left = join(dataDir, 'usage-journal', 'killed~1~0~0~left');
    await mkdir(left, { recursive: true });
    const lines = [...ids.map((id) => lineOf(id)), ...bad].sort();
    await writeFile(join(left, '00000001.jsonl'), lines.join('\n'));
    await stop(await start());
    expect((await storedIds()).sort()).toEqual(ids.sort());
    const aside = await readFile(join(dataDir, 'usage-journal', 'set-aside.bad'), 'utf8');
    expect(aside.trimEnd().split('\n').sort()).toEqual(bad.sort());
  });
});

/** Kills a recording process once it has acknowledged so many records. */
async function recordInChildAndKill(enough: number): Promise<string[]> {
  const script = `
    import 'reflect-metadata';
    import { importTypeScript } from './test/support/import-typescript.js';
    const { recordUntilKilled } = await importTypeScript('../integration/billing/record-until-killed.ts');
    await recordUntilKilled(...process.argv.slice(1));`;
  const args = ['--input-type=module', '--eval', script, database.url.reveal(), dataDir];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const acknowledged: string[] = [];
  const uuid = /^[\da-f-]{36}$/;
  for await (const line of createInterface({ input: child.stdout })) {
    if (uuid.test(line)) acknowledged.push(line);
    if (acknowledged.length >= enough) child.kill('SIGKILL');
  }
  return acknowledged;
}
