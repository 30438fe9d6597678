import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '#persistence';
import { AccountControl, AccountScheduler, AccountsService, ProvidersService } from '#provider-account-pool';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { breakable } from '../../support/breakable-database.js';
import { actor, codeOf, leaseOf, page, startMs, startPool } from './pool-process.js';

const draft = { provider: 'openai', name: 'main', credential: 'sk-0123456789' };

describe('providers on Postgres', () => {
  let database: TestDatabase;
  let app: TestingModule;
  let accounts: AccountsService;
  let control: AccountControl;
  let providers: ProvidersService;
  let scheduler: AccountScheduler;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startPool({ url: database.url });
    accounts = app.get(AccountsService);
    control = app.get(AccountControl);
    providers = app.get(ProvidersService);
    scheduler = app.get(AccountScheduler);
  }, startMs);
  beforeEach(async () => {
    await app.get(DataSource).query('DELETE FROM accounts');
    await app.get(DataSource).query('DELETE FROM providers');
    await app.get(ChangeFeed).refresh();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  describe('a provider', () => {
    it('cannot be deleted while it has accounts', async () => {
      const { id } = await accounts.create(draft, actor);
      const [provider] = providers.list(page).data;
      const providerId = String(provider?.id);
      expect(await codeOf(() => providers.remove(providerId))).toBe('conflict');
      await accounts.remove(id);
      await providers.remove(providerId);
      expect(scheduler.hasPool('openai')).toBe(false);
    });

    it.each<[string, object, string]>([
      ['an unknown kind', { kind: 'nobody' }, 'kind'],
      ['the name of another kind', { name: 'groq' }, 'name'],
      ['a name with a slash, which model names could not tell apart', { name: 'a/b' }, 'name'],
      ['a metadata address', { baseUrl: 'http://169.254.169.254/v1' }, 'baseUrl'],
      ['an unknown strategy', { strategy: 'luck' }, 'strategy'],
      ['an unknown setting', { settings: { speed: 1 } }, 'settings.speed'],
      ['no base URL where the kind has none', { kind: 'openai-compatible' }, 'baseUrl'],
    ])('is refused with %s', async (_what, change, field) => {
      const attempt = providers.create({ name: 'mine', kind: 'openai', ...change });
      await expect(attempt).rejects.toMatchObject({ code: 'invalid_request', details: { field } });
    });

    it('changes strategy and address without losing what is known of its accounts', async () => {
      const { id } = await accounts.create(draft, actor);
      leaseOf(app).settle({
        kind: 'failed',
        failure: { class: 'rate_limited', scope: 'account', rule: 'r', retryAfterMs: 60_000 },
        tokens: null,
        limits: [],
        durationMs: 1,
      });
      const [provider] = providers.list(page).data;
      const change = {
        strategy: 'circular',
        baseUrl: 'https://proxy.example/v1',
        settings: { safetyMargin: 0.1 },
      };
      const changed = await providers.update(String(provider?.id), 1, change);
      expect(changed).toMatchObject({ ...change, version: 2 });
      expect(accounts.get(id).state.machine).toBe('cooling');
      await control.clearCooldown(id, actor);
      expect(leaseOf(app).target.baseUrl).toBe('https://proxy.example/v1');
    });
  });
});

describe('with the database gone', () => {
  it(
    'serves on from memory, refuses changes plainly, and takes them again when it is back',
    async () => {
      const database = await createTestDatabase();
      const relay = await breakable(database.url);
      const app = await startPool({ url: relay.url });
      const { id } = await app.get(AccountsService).create(draft, actor);
      relay.cut();
      expect(leaseOf(app).accountId).toBe(id);
      expect(app.get(AccountsService).get(id).name).toBe('main');
      expect(await codeOf(() => app.get(AccountControl).disable(id, 'x', actor))).toBe('storage_unavailable');
      relay.mend();
      expect((await app.get(AccountControl).disable(id, 'x', actor)).state.human).toBe('disabled');
      await app.close();
      relay.close();
      await database.drop();
    },
    startMs,
  );
});
