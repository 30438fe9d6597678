import { chmod, mkdir, open, readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { DatabaseUnavailable, fileFault } from '../persistence.errors.js';
import { processIdentity } from './process-identity.js';

/** The right to be the only process that uses a data directory. */
export interface DataDirClaim {
  /** Lets the next process in. Call it last. */
  release(): Promise<void>;
}

const claimName = /^process-((\d+)-.+)\.claim$/;

/**
 * Claims a data directory for this process; it is created when missing. Each process puts down a file named after
 * itself, then looks around: of two that start together both may step back, but never do both go on. The file of
 * a process that is gone (crash, `kill -9`, reboot) counts for nothing, even when its pid is in use again.
 *
 * @param dataDir absolute path
 * @throws DatabaseUnavailable naming the pid of the process that holds the directory, or why it cannot be written
 */
export async function claimDataDir(dataDir: string): Promise<DataDirClaim> {
  const identity = processIdentity(process.pid) ?? `${process.pid}-unknown`;
  const own = `process-${identity}.claim`;
  const path = join(dataDir, own);
  try {
    await makeDirectory(dataDir);
    await (await open(path, 'wx', 0o600)).close();
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') throw heldBy(dataDir, process.pid);
    throw fileFault(`use the data directory ${dataDir}`, error);
  }
  const holder = await otherHolder(dataDir, own);
  if (holder === null) return { release: () => rm(path, { force: true }) };
  await rm(path, { force: true });
  throw heldBy(dataDir, holder);
}

async function makeDirectory(dataDir: string): Promise<void> {
  const created = await mkdir(dataDir, { recursive: true });
  if (created !== undefined) await chmod(dataDir, 0o700);
}

async function otherHolder(dataDir: string, own: string): Promise<number | null> {
  for (const name of await readdir(dataDir)) {
    const [, identity, pid] = claimName.exec(name) ?? [];
    if (identity === undefined || name === own) continue;
    if (processIdentity(Number(pid)) === identity) return Number(pid);
    await rm(join(dataDir, name), { force: true });
  }
  return null;
}

const heldBy = (dataDir: string, pid: number): DatabaseUnavailable =>
  new DatabaseUnavailable(
    `the data directory ${dataDir} is in use by process ${pid}. Stop that process, or give this one a DATA_DIR of its own.`,
  );
