import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, realpath, rm, stat, symlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { Logger } from '#observability';
import { DatabaseUnavailable, fileFault } from '../persistence.errors.js';
import type { Binaries } from './binaries.js';
import { binariesFor } from './binaries.js';
import type { SystemAccount } from './system-account.js';
import { chooseAccount, obstacleOnTheWayTo } from './system-account.js';

/** Everything the embedded Postgres needs on disk, and who runs it. */
export interface Home {
  /** `null`: the user of this process. */
  readonly account: SystemAccount | null;
  readonly binaries: Binaries;
  /** The Postgres data directory; exists once the cluster was created. */
  readonly data: string;
  /** Holds the password of the role `postgres`, readable by this process' user only. */
  readonly passwordFile: string;
}

/** Where the data of root goes when the account of Postgres cannot enter the data directory. */
const sharedState = '/var/lib/provider-account-pool';

/**
 * Prepares the directory of the embedded Postgres.
 *
 * @param directory absolute; created when missing. A symbolic link when the data had to be put elsewhere
 * @throws DatabaseUnavailable when it cannot be written or entered
 */
export async function prepareHome(directory: string, logger: Logger): Promise<Home> {
  try {
    const path = await realDirectory(directory);
    const account = await chooseAccount(join(path, 'data'));
    const reachable = account === null ? path : await makeReachable(directory, path, account, logger);
    return {
      account,
      binaries: await binariesFor(account, reachable),
      data: join(reachable, 'data'),
      passwordFile: join(reachable, 'password'),
    };
  } catch (error) {
    throw fileFault(`prepare ${directory}`, error);
  }
}

async function realDirectory(directory: string): Promise<string> {
  const entry = await lstat(directory).catch(() => null);
  if (entry === null) {
    await mkdir(directory, { recursive: true });
    await chmod(directory, 0o700);
  }
  return realpath(directory);
}

/** Opens the way for the account, or moves a home that is still empty to where the account can go. */
async function makeReachable(
  directory: string,
  path: string,
  account: SystemAccount,
  logger: Logger,
): Promise<string> {
  if (account.name === 'nobody') {
    logger.warn(
      'embedded Postgres runs as "nobody", which other programs may use too; create an account "postgres"',
    );
  }
  await letOthersPass(dirname(path));
  await letOthersPass(path);
  const obstacle = await obstacleOnTheWayTo(path, account);
  if (obstacle === null) return path;
  if ((await readdir(path)).length > 0) throw cannotEnter(obstacle, path, account);
  const moved = join(sharedState, randomUUID());
  await moveEmptyHome(directory, moved).catch((error: unknown) => {
    throw cannotEnter(obstacle, path, account, error);
  });
  logger.warn('embedded Postgres keeps its data elsewhere, linked from the data directory', {
    dataDirectory: moved,
    because: `${account.name} may not enter ${obstacle}`,
  });
  return moved;
}

/** Search permission only: names inside stay hidden, files keep their own modes. */
async function letOthersPass(path: string): Promise<void> {
  const { mode, uid } = await stat(path);
  if (uid === 0 && (mode & 0o011) !== 0o011) await chmod(path, mode | 0o011);
}

async function moveEmptyHome(directory: string, moved: string): Promise<void> {
  await mkdir(moved, { recursive: true });
  await chmod(sharedState, 0o711);
  await chmod(moved, 0o711);
  await rm(directory, { recursive: true });
  await symlink(moved, directory);
}

const cannotEnter = (
  obstacle: string,
  path: string,
  account: SystemAccount,
  cause?: unknown,
): DatabaseUnavailable =>
  new DatabaseUnavailable(
    `the embedded Postgres runs as ${account.name}, which may not enter ${obstacle} on the way to ${path}. ` +
      `Set DATA_DIR to a directory it can reach, run "chmod o+x ${obstacle}", or set DATABASE_URL.`,
    { cause },
  );
