import { readFileSync, rmSync } from 'node:fs';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';

/** What a running Postgres says about itself in `postmaster.pid`. */
export interface PostmasterFile {
  readonly pid: number;
  readonly port: number;
  readonly ready: boolean;
}

const pathIn = (dataDirectory: string): string => join(dataDirectory, 'postmaster.pid');

/**
 * Reads `postmaster.pid` (lines: pid, data directory, start time, port, socket directory, address, shared memory, status).
 *
 * @returns `null` when there is none, or it is not yet or no longer complete
 */
export function readPostmasterFile(dataDirectory: string): PostmasterFile | null {
  try {
    const lines = readFileSync(pathIn(dataDirectory), 'utf8').split('\n');
    const [pid, port] = [Number(lines[0]), Number(lines[3])];
    if (!Number.isSafeInteger(pid) || pid <= 0) return null;
    return { pid, port, ready: lines[7]?.trim() === 'ready' };
  } catch {
    return null;
  }
}

/** Removes a `postmaster.pid` whose pid belongs to another program by now; Postgres would take it for its own. */
export function removePostmasterFile(dataDirectory: string): void {
  rmSync(pathIn(dataDirectory), { force: true });
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/**
 * Whether a process is the Postgres of a data directory, and not another program that was given its pid later.
 * Told by its command line, which anybody may read: its working directory is hidden from root in a container.
 *
 * @returns `null` when it cannot be told
 */
export function isPostmasterOf(pid: number, dataDirectory: string): boolean | null {
  if (!isAlive(pid)) return false;
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').split('\0').includes(dataDirectory);
    }
    const command = execFileSync('ps', ['-o', 'command=', '-p', String(pid)], { encoding: 'utf8' });
    return command.includes(` -D ${dataDirectory} `);
  } catch {
    return isAlive(pid) ? null : false;
  }
}
