import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readdir, realpath, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, jest } from '@jest/globals';
import pg from 'pg';
import type { Secret } from '#kernel';
import type { OpenDatabase } from '#persistence';
import { DatabaseUnavailable, openDatabase } from '#persistence';
import { awaitDatabase } from '../../../libs/persistence/src/await-database.js';
import {
  isPostmasterOf,
  readPostmasterFile,
} from '../../../libs/persistence/src/embedded/postmaster-file.js';
import { silentLogger } from '../../support/silent-logger.js';

const root = join(import.meta.dirname, '../../..');
const hooks = join(root, 'test/support/import-typescript.js');
const holder = join(root, 'test/support/hold-database.ts');
/** Only root has directories that nobody else may enter and must yet run Postgres as somebody else. */
const asRoot = process.getuid?.() === 0 ? it : it.skip;

jest.setTimeout(30_000);

describe('the embedded Postgres', () => {
  /** A data directory with a cluster that was created and closed once; each test works on a copy. */
  let seed: string;
  let dataDir: string;
  const opened: OpenDatabase[] = [];
  const holding: ChildProcess[] = [];

  beforeAll(async () => {
    seed = await mkdtemp(join(tmpdir(), 'gateway-embedded-'));
    await close(await open(seed));
  });
  afterAll(() => rm(seed, { recursive: true, force: true }));
  beforeEach(async () => {
    dataDir = await mkdtemp(join(tmpdir(), 'gateway-embedded-'));
    execFileSync('cp', ['-a', `${seed}/.`, dataDir]);
  });
  afterEach(async () => {
    for (const child of holding.splice(0)) child.kill('SIGKILL');
    for (const database of opened.splice(0)) await database.close();
    await rm(dataDir, { recursive: true, force: true });
  });

  async function open(directory = dataDir): Promise<OpenDatabase> {
    const database = await openDatabase(
      { dataDir: directory, database: { url: null, migrationUrl: null } },
      silentLogger,
    );
    opened.push(database);
    return database;
  }

  async function close(database: OpenDatabase): Promise<void> {
    opened.splice(opened.indexOf(database), 1);
    await database.close();
  }

  /** Another process that has the database open. */
  async function hold(...ending: string[]): Promise<ChildProcess & { pid: number }> {
    const child = spawn(process.execPath, ['--import', hooks, holder, dataDir, ...ending], {
      stdio: ['pipe', 'pipe', 'inherit'],
      cwd: root,
    });
    holding.push(child);
    await once(child.stdout, 'data');
    return child as ChildProcess & { pid: number };
  }

  const data = (): string => join(dataDir, 'postgres', 'data');
  const postmaster = (): number => readPostmasterFile(data())?.pid ?? NaN;

  it('keeps its data over a restart', async () => {
    const first = await open();
    await query(first.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS answer');
    await close(first);
    const second = await open();
    expect(await query(second.ownerUrl, 'SELECT answer FROM kept')).toEqual([{ answer: 42 }]);
  });

  it('lets nobody in without the password, which only this user can read', async () => {
    const { url } = await open();
    const stranger = new pg.Client({ connectionString: url.reveal(), password: 'a guess' });
    stranger.password = 'a guess';
    await expect(stranger.connect()).rejects.toThrow(/password/);
    expect((await stat(join(dataDir, 'postgres', 'password'))).mode & 0o777).toBe(0o600);
    expect((await stat(data())).mode & 0o777).toBe(0o700);
  });

  it('is used by a role of its own that is not its owner, also where an earlier version made the data', async () => {
    const earlier = await open();
    await query(earlier.ownerUrl, 'DROP ROLE gateway_app');
    await close(earlier);
    const { url, applicationRole } = await open();
    expect(applicationRole).toBe('gateway_app');
    expect(await query(url, 'SELECT current_user::text AS role')).toEqual([{ role: 'gateway_app' }]);
    await expect(query(url, 'CREATE TABLE mine ()')).rejects.toThrow(/permission denied/);
    await expect(query(url, 'ALTER ROLE gateway_app SUPERUSER')).rejects.toThrow(/permission denied/);
  });

  it('refuses a second process and names the first', async () => {
    const child = await hold();
    await expect(open()).rejects.toThrow(new RegExp(`in use by process ${child.pid}\\b`));
  });

  it('opens again what a killed process left behind', async () => {
    const child = await hold();
    const orphan = postmaster();
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(isPostmasterOf(orphan, data())).toBe(true);
    const { url } = await open();
    expect(isPostmasterOf(orphan, data())).toBe(false);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('is not fooled by a pid file whose pid belongs to another program by now', async () => {
    const foreign = `${process.pid}\n${data()}\n1\n5432\n\n127.0.0.1\n\nready   \n`;
    await writeFile(join(data(), 'postmaster.pid'), foreign);
    await writeFile(join(dataDir, `process-${process.pid}-1-deadbeef.claim`), '');
    expect(await query((await open()).url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
    expect((await readdir(dataDir)).filter((name) => name.endsWith('.claim'))).toHaveLength(1);
  });

  it('stops when its process closes it', async () => {
    const child = await hold();
    const pid = postmaster();
    child.stdin?.end();
    await once(child, 'exit');
    expect(isPostmasterOf(pid, data())).toBe(false);
  });

  it('stops when its process leaves without closing it', async () => {
    const child = await hold('leave');
    const pid = postmaster();
    child.stdin?.end();
    await once(child, 'exit');
    while (isPostmasterOf(pid, data())) await new Promise(setImmediate);
  });

  it('starts again on the same port when it dies', async () => {
    const { url } = await open();
    process.kill(postmaster(), 'SIGKILL');
    await awaitDatabase(url, silentLogger);
    expect(await query(url, 'SELECT 1 AS one')).toEqual([{ one: 1 }]);
  });

  it('says that a directory is damaged when it is no cluster', async () => {
    await rm(join(data(), 'PG_VERSION'));
    await expect(open()).rejects.toThrow(/postgres\/data is damaged: it holds no PG_VERSION/);
  });

  it('says what Postgres says when the cluster does not start', async () => {
    await writeFile(join(data(), 'global', 'pg_control'), 'garbage');
    await expect(open()).rejects.toThrow(/did not start[^]*pg_control/);
  });

  it('says that the data is of another version', async () => {
    await writeFile(join(data(), 'PG_VERSION'), '12\n');
    await expect(open()).rejects.toThrow(/initialized by PostgreSQL version 12/);
  });

  it('says that the data directory cannot be made', async () => {
    await writeFile(join(dataDir, 'file'), '');
    await expect(open(join(dataDir, 'file', 'data'))).rejects.toThrow(/cannot use the data directory/);
    await expect(open(join(dataDir, 'file', 'data'))).rejects.toThrow(DatabaseUnavailable);
  });

  it('gives the data directory free again when it could not start', async () => {
    await rm(join(data(), 'PG_VERSION'));
    await expect(open()).rejects.toThrow(/damaged/);
    await writeFile(join(data(), 'PG_VERSION'), '18\n');
    await open();
  });

  asRoot('starts, and starts again, under a directory that only root may enter', async () => {
    await chmod(dataDir, 0o700);
    const hidden = join(dataDir, 'home', 'data');
    const first = await open(hidden);
    await query(first.ownerUrl, 'CREATE TABLE kept ()');
    await close(first);
    const second = await open(hidden);
    expect(await query(second.ownerUrl, 'SELECT * FROM kept')).toEqual([]);
    const elsewhere = await realpath(join(hidden, 'postgres'));
    await close(second);
    if (!elsewhere.startsWith(dataDir)) await rm(elsewhere, { recursive: true });
  });
});

describe('a database of our own', () => {
  it('that cannot be reached is named without its password', async () => {
    const url = { reveal: () => 'postgres://gateway:c4n4ry@127.0.0.1:1/gateway' } as Secret;
    const failure = await awaitDatabase(url, silentLogger, 0).catch((error: unknown) => error as Error);
    expect(failure).toBeInstanceOf(DatabaseUnavailable);
    expect((failure as Error).message).toMatch(/the database 127\.0\.0\.1:1\/gateway cannot be reached/);
    expect((failure as Error).message).not.toContain('c4n4ry');
  });
});

async function query(url: Secret, text: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url.reveal() });
  await client.connect();
  try {
    return (await client.query<object>(text)).rows;
  } finally {
    await client.end();
  }
}
