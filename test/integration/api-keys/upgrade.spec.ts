import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { ApiKeysService, ApiKeyVerifier } from '#api-keys';
import type { Secret } from '#kernel';
import {
  migrationDataSource,
  runMigrations,
} from '../../../libs/persistence/src/migrations/run-migrations.js';
import { silentLogger } from '../../support/silent-logger.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { namedKey, root, startProcess } from './api-keys-process.js';

const keyPeppers = [namedKey('newer'), namedKey('older')];

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
}, 60_000);
afterEach(() => database.drop());

/** A process that is stopped afterwards. */
async function during<Result>(
  work: (app: TestingModule) => Promise<Result>,
  peppers = keyPeppers,
): Promise<Result> {
  const app = await startProcess({ url: database.url, keyPeppers: peppers });
  try {
    return await work(app);
  } finally {
    await app.close();
  }
}

/** Goes back to the schema in which a key was one row, its only secret included. */
async function beforeSecrets(
  work: (query: (text: string) => Promise<unknown>) => Promise<void>,
): Promise<void> {
  const dataSource = await migrationDataSource(database.url, silentLogger);
  await dataSource.initialize();
  const isSplit = async (): Promise<boolean> => {
    const [row]: { split: boolean }[] = await dataSource.query(
      `SELECT to_regclass('api_key_secrets') IS NOT NULL AS split`,
    );
    return row?.split === true;
  };
  while (await isSplit()) await dataSource.undoLastMigration();
  await work((text) => dataSource.query(text));
  await dataSource.destroy();
}

describe('a database with keys from before a key could have two secrets', () => {
  it('is upgraded with each key valid, or refused, as it was', async () => {
    const make = (app: TestingModule) => app.get(ApiKeysService);
    const secrets: Record<string, Secret> = {};
    await during(async (app) => {
      const draft = { scopes: ['call'] as const };
      const of = async (name: string, more: object = {}): Promise<string> => {
        const { key, secret } = await make(app).create({ name, ...draft, ...more }, root);
        secrets[name] = secret;
        return key.id;
      };
      await of('plain');
      await of('expiring', { expiresAt: new Date(Date.now() + 3_600_000), limits: { rpm: 5 } });
      await make(app).disable(await of('disabled'));
      await make(app).revoke(await of('revoked'));
    });
    await during(async (app) => {
      const { secret } = await make(app).create({ name: 'older pepper', scopes: ['call'] }, root);
      secrets['older pepper'] = secret;
    }, keyPeppers.slice(1));
    await beforeSecrets(async (query) => {
      const rows = (await query('SELECT name, length(hash) AS hash FROM api_keys ORDER BY name')) as object[];
      expect(rows).toEqual(
        Object.keys(secrets)
          .sort()
          .map((name) => ({ name, hash: 32 })),
      );
    });
    await runMigrations(database.url, silentLogger);
    await during(async (app) => {
      const holderOf = (name: string) => app.get(ApiKeyVerifier).verify(secrets[name]?.reveal() ?? '')?.name;
      expect(Object.keys(secrets).map((name) => holderOf(name) ?? null)).toEqual([
        'plain',
        'expiring',
        null,
        null,
        'older pepper',
      ]);
      const { data } = await make(app).list({ limit: 10, cursor: null });
      expect(data.find(({ name }) => name === 'expiring')).toMatchObject({ limits: { rpm: 5 } });
      const disabled = data.find(({ name }) => name === 'disabled')?.id ?? '';
      await make(app).enable(disabled);
      expect(holderOf('disabled')).toBe('disabled');
    });
  }, 60_000);
});
