import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { chmod, chown, lstat, mkdir, readFile, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { promisify } from 'node:util';
import { DatabaseUnavailable, fileFault } from '../persistence.errors.js';
import type { Home } from './home.js';

const run = promisify(execFile);
const initdbTimeoutMs = 60_000;

/** The environment of the Postgres programs: nothing of ours, so that no secret of this process is inherited. */
export const postgresEnvironment: NodeJS.ProcessEnv = {
  PATH: process.env.PATH,
  LC_ALL: 'C',
  TZ: 'UTC',
};

/**
 * Creates the Postgres cluster unless it exists. Built beside its place and then renamed, so that a crash leaves no
 * half-made one.
 *
 * @returns the password of the role `postgres`
 * @throws DatabaseUnavailable when the existing directory is not a Postgres cluster, or the new one cannot be made
 */
export async function ensureCluster(home: Home): Promise<string> {
  try {
    if (!(await exists(home.data))) return await createCluster(home);
    if (!(await readdir(home.data)).includes('PG_VERSION')) throw notACluster(home.data);
    return (await readFile(home.passwordFile, 'utf8')).trim();
  } catch (error) {
    throw fileFault(`open the embedded database in ${home.data}`, error);
  }
}

async function createCluster(home: Home): Promise<string> {
  const [unfinished, initialPassword] = [`${home.data}.unfinished`, `${home.passwordFile}.initdb`];
  const password = randomBytes(24).toString('base64url');
  await rm(unfinished, { recursive: true, force: true });
  await rm(initialPassword, { force: true });
  await rm(home.passwordFile, { force: true });
  try {
    await mkdir(unfinished, { mode: 0o700 });
    await writeFile(home.passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
    await writeFile(initialPassword, `${password}\n`, { mode: 0o600, flag: 'wx' });
    if (home.account !== null) {
      await chown(unfinished, home.account.uid, home.account.gid);
      await chown(initialPassword, home.account.uid, home.account.gid);
    }
    await runInitdb(home, unfinished, initialPassword);
    await chmod(unfinished, 0o700);
    await rename(unfinished, home.data);
    return password;
  } finally {
    await rm(initialPassword, { force: true });
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function runInitdb(home: Home, directory: string, passwordFile: string): Promise<void> {
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C', '--encoding=UTF8'];
  const access = ['--username=postgres', '--auth=scram-sha-256', `--pwfile=${passwordFile}`];
  try {
    await run(home.binaries.initdb, [`--pgdata=${directory}`, '--no-instructions', ...access, ...locale], {
      env: postgresEnvironment,
      timeout: initdbTimeoutMs,
      uid: home.account?.uid,
      gid: home.account?.gid,
    });
  } catch (error) {
    const { stderr, message } = error as Error & { stderr?: string };
    const reason = stderr?.trim() === '' || stderr === undefined ? message : stderr.trim();
    throw new DatabaseUnavailable(
      `the embedded Postgres cannot create its cluster in ${home.data}: ${reason}`,
      {
        cause: error,
      },
    );
  }
}

const exists = async (path: string): Promise<boolean> =>
  (await lstat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  })) !== null;

const notACluster = (path: string): DatabaseUnavailable =>
  new DatabaseUnavailable(
    `${path} is damaged: it holds no PG_VERSION. Restore it from a backup, or move it away to start with an empty database.`,
  );
