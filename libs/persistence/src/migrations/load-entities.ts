import { glob } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

type EntityClass = new () => object;

/** The root of the sources, or of the build. */
const root = join(import.meta.dirname, '../../../..');

/** The entities of all libs: for comparing them with the schema, not for running the application. */
export async function loadEntities(): Promise<EntityClass[]> {
  const entities: EntityClass[] = [];
  for await (const path of glob('libs/*/src/persistence/*.entity.{ts,js}', { cwd: root })) {
    const exported: unknown[] = Object.values((await import(pathToFileURL(join(root, path)).href)) as object);
    entities.push(...exported.filter((value): value is EntityClass => typeof value === 'function'));
  }
  return entities;
}
