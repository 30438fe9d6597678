import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { ApiKeysService, ApiKeyVerifier } from '#api-keys';
import { Secret } from '#kernel';
import type { Logger } from '#observability';
import { KeyCanary } from '#secrets';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { namedKey, root, startProcess, type ProcessOptions } from './api-keys-process.js';

describe('the first start', () => {
  let database: TestDatabase;
  let running: TestingModule[] = [];

  beforeEach(async () => {
    database = await createTestDatabase();
  });
  afterEach(async () => {
    await Promise.all(running.map((app) => app.close()));
    running = [];
    await database.drop();
  });

  const start = async (options: Omit<ProcessOptions, 'url'> = {}): Promise<TestingModule> => {
    const app = await startProcess({ url: database.applicationUrl, ...options });
    running.push(app);
    return app;
  };
  const bootstrap = (app: TestingModule) => app.get(ApiKeysService).bootstrapAdminKey();

  it('makes one key with every scope, also when processes start at once', async () => {
    const apps = await Promise.all([start(), start(), start()]);
    const secrets = await Promise.all(apps.map(bootstrap));
    const made = secrets.filter((secret) => secret !== null);
    expect(made).toHaveLength(1);
    const app = await start();
    const caller = app.get(ApiKeyVerifier).verify(made[0]?.reveal() ?? '');
    expect(caller).toMatchObject({ name: 'root' });
    expect(caller?.apiKeyId).not.toBeNull();
    expect(caller?.scopes.size).toBe(5);
  });

  it('makes none when there are keys, even if all are revoked', async () => {
    const app = await start();
    const keys = app.get(ApiKeysService);
    const { key } = await keys.create({ name: 'a', scopes: ['call'] }, root);
    await keys.revoke(key.id);
    expect(await bootstrap(app)).toBeNull();
  });

  it('knows the admin key of the environment without a row', async () => {
    const secret = 'an admin secret of 32 characters';
    const app = await start({ adminApiKey: new Secret(secret) });
    expect(app.get(ApiKeyVerifier).verify(secret)).toMatchObject({ apiKeyId: null, name: 'root' });
    expect((await app.get(ApiKeysService).list({ limit: 1, cursor: null })).data).toEqual([]);
  });

  it('with other peppers refuses the keys and says which pepper is missing', async () => {
    const { secret } = await (
      await start()
    )
      .get(ApiKeysService)
      .create({ name: 'a', scopes: ['call'] }, root);
    const { logger, lines } = recorder();
    const app = await start({ keyPeppers: [namedKey('other')], logger });
    expect(app.get(ApiKeyVerifier).verify(secret.reveal())).toBeNull();
    expect(lines.filter((line) => line.includes('"pepper"'))).toHaveLength(1);
  });

  it('after a change of pepper still knows the older keys', async () => {
    const older = namedKey('older');
    const first = await start({ keyPeppers: [older] });
    const { secret } = await first.get(ApiKeysService).create({ name: 'a', scopes: ['call'] }, root);
    const second = await start({ keyPeppers: [namedKey('newer'), older] });
    expect(second.get(ApiKeyVerifier).verify(secret.reveal())).not.toBeNull();
  });

  it('with a lost or mistaken encryption key goes on and says which', async () => {
    const checkWith = async (...encryptionKeys: ProcessOptions['encryptionKeys'] & object) => {
      const { logger, lines } = recorder();
      const app = await start({ encryptionKeys, logger });
      return { checks: await app.get(KeyCanary).check(), lines };
    };
    const original = namedKey('k1');
    const newer = namedKey('k2');
    expect(await checkWith(original)).toEqual({ checks: [{ keyId: 'k1', state: 'ok' }], lines: [] });
    expect((await checkWith(newer, original)).lines).toEqual([]);
    const lost = await checkWith(newer);
    expect(lost.checks).toContainEqual({ keyId: 'k1', state: 'missing' });
    expect(lost.lines[0]).toContain('encryption key is missing');
    const mistaken = await checkWith(namedKey('k1'), newer);
    expect(mistaken.checks).toContainEqual({ keyId: 'k1', state: 'wrong' });
    expect(mistaken.lines[0]).toContain('encryption key is wrong');
  });
});

function recorder(): { logger: Logger; lines: string[] } {
  const lines: string[] = [];
  const note = (message: string, fields?: object): void => {
    lines.push(`${message} ${JSON.stringify(fields)}`);
  };
  return { lines, logger: { debug: () => undefined, info: () => undefined, warn: note, error: note } };
}
