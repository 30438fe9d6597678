import { execFile } from 'node:child_process';
import { stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { promisify } from 'node:util';
import { DatabaseUnavailable } from '../persistence.errors.js';

const run = promisify(execFile);

/** The account of the operating system that Postgres runs as. */
export interface SystemAccount {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

/**
 * Whom Postgres runs as. Postgres refuses to run as root, so root lends it the account that owns the data already,
 * else `postgres`, else `nobody`.
 *
 * @param dataDirectory the Postgres data directory; may not exist yet
 * @returns `null` when this process is not root: Postgres then runs as the same user
 * @throws DatabaseUnavailable when the machine has none of these accounts
 */
export async function chooseAccount(dataDirectory: string): Promise<SystemAccount | null> {
  if (process.getuid?.() !== 0) return null;
  const owner = await stat(dataDirectory).catch(() => null);
  if (owner !== null && owner.uid !== 0) return { name: `uid ${owner.uid}`, uid: owner.uid, gid: owner.gid };
  const account = (await lookUp('postgres')) ?? (await lookUp('nobody'));
  if (account !== null) return account;
  throw new DatabaseUnavailable(
    'the embedded Postgres cannot run as root and found no account "postgres" or "nobody" to run as. ' +
      'Start the gateway as another user, create the account "postgres", or set DATABASE_URL.',
  );
}

async function lookUp(name: string): Promise<SystemAccount | null> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', name]), run('id', ['-g', name])]);
    return { name, uid: Number(uid.stdout), gid: Number(gid.stdout) };
  } catch {
    return null;
  }
}

/**
 * The first directory on the way to a path that an account may not pass, by the permission bits.
 *
 * @param path absolute, without symbolic links
 * @returns the directory (or the path itself), or `null` when the way is free
 */
export async function obstacleOnTheWayTo(path: string, account: SystemAccount): Promise<string | null> {
  const parent = dirname(path);
  const above = parent === path ? null : await obstacleOnTheWayTo(parent, account);
  if (above !== null) return above;
  const { mode, uid, gid } = await stat(path);
  const searchBit = uid === account.uid ? 0o100 : gid === account.gid ? 0o010 : 0o001;
  return (mode & searchBit) === 0 ? path : null;
}
