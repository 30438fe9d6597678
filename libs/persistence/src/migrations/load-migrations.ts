import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { MigrationInterface } from 'typeorm';

type Migration = new () => MigrationInterface;

/** Beside `libs`, in the sources as in the build. */
const migrationsDirectory = join(import.meta.dirname, '../../../../migrations');
const fileName = /^(\d{14})-([a-z0-9-]+)\.[jt]s$/i;

/**
 * All migrations, oldest first. Each is known by its file name, so that the UTC stamp of the file alone decides the order
 * and a class can be called what it does.
 *
 * @throws Error when a file does not export exactly one migration class
 */
export async function loadMigrations(): Promise<Migration[]> {
  const names = (await readdir(migrationsDirectory)).filter((name) => fileName.test(name)).sort();
  return Promise.all(names.map(loadMigration));
}

async function loadMigration(name: string): Promise<Migration> {
  const [, stamp, title] = fileName.exec(name) ?? [];
  const url = pathToFileURL(join(migrationsDirectory, name)).href;
  const exported: unknown[] = Object.values((await import(url)) as object);
  if (exported.length !== 1 || !isMigration(exported[0])) {
    throw new Error(`migrations/${name} must export one class with up and down, and nothing else`);
  }
  // TypeORM orders by the last 13 digits of the name.
  return class extends exported[0] {
    override name = `${title}-${stamp}`;
  };
}

const isMigration = (value: unknown): value is Migration =>
  typeof value === 'function' && 'up' in (value.prototype as object) && 'down' in (value.prototype as object);
