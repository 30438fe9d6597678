import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '#persistence';
import {
  AccountControl,
  AccountScheduler,
  AccountsService,
  ProvidersService,
  type AccountDraft,
} from '#provider-account-pool';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { aCall, actor, codeOf, leaseOf, ManualClock, page, startMs, startPool } from './pool-process.js';

const credential = 'sk-canary-0123456789abcdef';
const draft: AccountDraft = { provider: 'openai', name: 'main', credential, allowDuplicate: true };

describe('accounts on Postgres', () => {
  let database: TestDatabase;
  let app: TestingModule;
  let accounts: AccountsService;
  let control: AccountControl;
  let providers: ProvidersService;
  let scheduler: AccountScheduler;
  let dataSource: DataSource;
  const clock = new ManualClock();
  const logged: string[] = [];
  const log = (message: string, fields?: object): void =>
    void logged.push(message + JSON.stringify(fields ?? {}));
  const logger = { debug: log, info: log, warn: log, error: log };

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startPool({ url: database.url, clock, logger });
    accounts = app.get(AccountsService);
    control = app.get(AccountControl);
    providers = app.get(ProvidersService);
    scheduler = app.get(AccountScheduler);
    dataSource = app.get(DataSource);
  }, startMs);
  beforeEach(async () => {
    await dataSource.query('DELETE FROM accounts');
    await dataSource.query('DELETE FROM providers');
    await app.get(ChangeFeed).refresh();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const refusalOf = (model = 'gpt-5') => {
    const decision = scheduler.acquire(aCall({ model }));
    return decision.kind === 'refused' ? decision : null;
  };

  describe('a created account', () => {
    it('serves calls when the call returns, with its own key, at the address of its kind', async () => {
      const { id } = await accounts.create(draft, actor);
      const { accountId, target, provider } = leaseOf(app);
      expect(accountId).toBe(id);
      expect(provider).toBe('openai');
      expect(target.baseUrl).toBe('https://api.openai.com/v1');
      expect(target.model).toBe('gpt-5');
      expect(target.credential.reveal()).toBe(credential);
    });

    it('reads back as it was made', async () => {
      const full: AccountDraft = {
        ...draft,
        weight: 2.5,
        tier: 3,
        limits: { rpm: 60, maxConcurrency: null },
        models: { allow: ['gpt-*'] },
        tags: { team: 'a' },
        notes: 'bought in May',
        budget: { dailyUsd: '12.50' },
        costFactor: 0.8,
      };
      const created = await accounts.create(full, actor);
      expect(created).toMatchObject({
        provider: 'openai',
        source: 'database',
        name: 'main',
        weight: 2.5,
        tier: 3,
        enabled: true,
        state: { human: 'enabled', machine: 'closed', reason: null, until: null },
        limits: { rpm: 60, tpm: null, itpm: null, otpm: null, rpd: null, tpd: null, maxConcurrency: null },
        budget: { dailyUsd: '12.5', monthlyUsd: null },
        costFactor: 0.8,
        quotaGroupId: null,
        models: { allow: ['gpt-*'], deny: [] },
        tags: { team: 'a' },
        notes: 'bought in May',
        credentialPreview: '…cdef',
        lastUsedAt: null,
        version: 1,
      });
      expect(accounts.get(created.id)).toEqual(created);
      expect(JSON.stringify(created)).not.toContain(credential);
    });

    it('makes the row of a known kind, once, also when two are made at the same time', async () => {
      await Promise.all([
        accounts.create(draft, actor),
        accounts.create({ ...draft, name: 'second' }, actor),
      ]);
      expect(providers.list(page).data).toMatchObject([{ name: 'openai', kind: 'openai', baseUrl: null }]);
      expect(accounts.list(page).data).toHaveLength(2);
    });

    it('belongs to the provider that is named, by name or by id', async () => {
      const baseUrl = 'http://llm.internal:8000/v1';
      const provider = await providers.create({ name: 'in-house', kind: 'openai-compatible', baseUrl });
      const byName = await accounts.create({ ...draft, provider: 'in-house' }, actor);
      const byId = await accounts.create({ ...draft, provider: provider.id, name: 'second' }, actor);
      expect([byName.provider, byId.provider]).toEqual(['in-house', 'in-house']);
      expect(leaseOf(app, { provider: 'in-house' }).target.baseUrl).toBe(baseUrl);
    });
  });

  it.each<[string, object, string]>([
    ['an unknown provider', { provider: 'nobody' }, 'provider'],
    ['a weight of nothing', { weight: 0 }, 'weight'],
    ['a tier that is no whole number', { tier: 1.5 }, 'tier'],
    ['a limit below 1', { limits: { rpm: 0 } }, 'limits.rpm'],
    ['an unknown limit', { limits: { rps: 1 } }, 'limits.rps'],
    ['an empty credential', { credential: ' ' }, 'credential'],
    ['a credential that lacks a part', { provider: 'azure-openai', credential: '{}' }, 'credential'],
    ['a budget of nothing', { budget: { dailyUsd: '0' } }, 'budget.dailyUsd'],
    ['a negative cost', { costFactor: -1 }, 'costFactor'],
    ['a cost that is nothing at all', { costFactor: null }, 'costFactor'],
    ['a quota group nobody made', { quotaGroupId: 'g' }, 'quotaGroupId'],
  ])('refuses %s', async (_what, change, field) => {
    const attempt = accounts.create({ ...draft, ...change } as AccountDraft, actor);
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_request', details: { field } });
  });

  it('refuses a second account of the same name in a pool', async () => {
    await accounts.create(draft, actor);
    expect(await codeOf(() => accounts.create(draft, actor))).toBe('conflict');
  });

  describe('a credential', () => {
    it('stands nowhere in the database, in the log, or in an answer', async () => {
      const { id } = await accounts.create(draft, actor);
      await accounts.update(id, 1, { credential: `${credential}-2` }, actor);
      const tables: { name: string }[] = await dataSource.query(
        `SELECT quote_ident(tablename) AS name FROM pg_tables WHERE schemaname = 'public'`,
      );
      const dump = await Promise.all(
        tables.map(({ name }) => dataSource.query(`SELECT t::text FROM ${name} t`)),
      );
      const everything = JSON.stringify([
        dump,
        logged,
        accounts.list(page),
        await accounts.timeline(id, page),
      ]);
      expect(everything).not.toContain('canary');
      expect(everything).not.toContain(Buffer.from('canary').toString('hex'));
    });

    it('takes over at once, and only one is ever active', async () => {
      const { id } = await accounts.create(draft, actor);
      const updated = await accounts.update(id, 1, { credential: 'sk-replacement-987654' }, actor);
      expect(updated.credentialPreview).toBe('…7654');
      expect(leaseOf(app).target.credential.reveal()).toBe('sk-replacement-987654');
      const second = `INSERT INTO account_credentials (id, account_id, state, sealed, preview)
                      VALUES (gen_random_uuid(), $1, 'active', '', '')`;
      await expect(dataSource.query(second, [id])).rejects.toThrow('uq_account_credentials_active');
    });

    it('that cannot be opened takes its account out with the reason, and no other', async () => {
      const { id } = await accounts.create(draft, actor);
      await dataSource.query(`UPDATE account_credentials SET sealed = 'nonsense' WHERE account_id = $1`, [
        id,
      ]);
      const healthy = await accounts.create({ ...draft, name: 'healthy' }, actor);
      const restarted = await startPool({ url: database.url, clock });
      const { state } = restarted.get(AccountsService).get(id);
      expect(state).toMatchObject({ machine: 'auth_failed', reason: 'credential.unreadable.malformed' });
      for (let i = 0; i < 5; i += 1) expect(leaseOf(restarted).accountId).toBe(healthy.id);
      await restarted.close();
    });
  });

  describe('a change', () => {
    it('is refused when it is based on an older version', async () => {
      const { id, version } = await accounts.create(draft, actor);
      await accounts.update(id, version, { weight: 2 }, actor);
      expect(await codeOf(() => accounts.update(id, version, { weight: 3 }, actor))).toBe('conflict');
      expect(accounts.get(id)).toMatchObject({ weight: 2, version: version + 1 });
    });

    it('merges limits, leaves out what is not given, and clears what is null', async () => {
      const { id } = await accounts.create(
        { ...draft, limits: { rpm: 60, tpm: 1000 }, notes: 'kept' },
        actor,
      );
      const updated = await accounts.update(id, 1, { limits: { rpm: 30, tpm: null } }, actor);
      expect(updated).toMatchObject({ notes: 'kept', limits: { rpm: 30, tpm: null } });
    });

    it('merges the budget in the same way', async () => {
      const { id } = await accounts.create({ ...draft, budget: { dailyUsd: '5', monthlyUsd: '60' } }, actor);
      const daily = await accounts.update(id, 1, { budget: { dailyUsd: '7' } }, actor);
      expect(daily.budget).toEqual({ dailyUsd: '7', monthlyUsd: '60' });
      const none = await accounts.update(id, 2, { budget: null, costFactor: 0 }, actor);
      expect(none).toMatchObject({ budget: { dailyUsd: null, monthlyUsd: null }, costFactor: 0 });
    });

    it('does not touch what is left undefined, and "enabled" means the state of now', async () => {
      const { id } = await accounts.create(
        { ...draft, limits: { rpm: 60 }, models: { allow: ['gpt-*'] } },
        actor,
      );
      const change = {
        weight: undefined,
        limits: { rpm: undefined },
        models: { allow: undefined },
        notes: 'x',
      };
      const updated = await accounts.update(id, 1, change, actor);
      expect(updated).toMatchObject({
        weight: 1,
        limits: { rpm: 60 },
        models: { allow: ['gpt-*'] },
        notes: 'x',
      });
      await control.pause(id, { forSeconds: 1 }, null, actor);
      clock.advanceMs(1000);
      const off = await accounts.update(id, 3, { enabled: false }, actor);
      expect(off.state.human).toBe('disabled');
    });

    it('reaches another process through the change feed', async () => {
      const other = await startPool({ url: database.url, clock });
      const { id } = await accounts.create(draft, actor);
      await control.disable(id, 'rotten', actor);
      await other.get(ChangeFeed).refresh();
      expect(other.get(AccountsService).get(id).state).toMatchObject({ human: 'disabled', reason: 'rotten' });
      await other.close();
    });
  });

  describe('lists', () => {
    it('come in pages that together hold each account once', async () => {
      for (let i = 0; i < 5; i += 1) await accounts.create({ ...draft, name: `a${i}` }, actor);
      const names: string[] = [];
      let cursor: string | null = null;
      do {
        const { data, nextCursor } = accounts.list({ limit: 2, cursor });
        names.push(...data.map(({ name }) => name));
        cursor = nextCursor;
      } while (cursor !== null);
      expect(names).toEqual(['a0', 'a1', 'a2', 'a3', 'a4']);
    });

    it('are narrowed by provider, state and part of the name', async () => {
      const { id } = await accounts.create(draft, actor);
      await accounts.create({ ...draft, provider: 'groq', name: 'Backup' }, actor);
      await control.disable(id, 'why', actor);
      const namesBy = (filter: object) => accounts.list(page, filter).data.map(({ name }) => name);
      expect(namesBy({ provider: 'openai' })).toEqual(['main']);
      expect(namesBy({ state: 'disabled' })).toEqual(['main']);
      expect(namesBy({ state: 'closed', name: 'back' })).toEqual(['Backup']);
    });
  });

  it('says what it would do by the same rules by which it does it', async () => {
    const { id } = await accounts.create(
      { ...draft, limits: { rpm: 60 }, models: { deny: ['gpt-4*'] } },
      actor,
    );
    const served = scheduler.explain({ provider: 'openai', model: 'gpt-5' });
    expect(served).toMatchObject({
      provider: 'openai',
      accounts: [
        { accountId: id, name: 'main', tier: 1, eligible: true, reason: null, until: null, share: 1 },
      ],
      wouldAnswer: { status: 200 },
    });
    const refused = scheduler.explain({ provider: 'openai', model: 'gpt-4o' });
    expect(refused.accounts).toMatchObject([{ eligible: false, reason: 'model_not_allowed', share: 0 }]);
    expect(refused.wouldAnswer).toEqual({ status: 503 });
    expect(refusalOf('gpt-4o')?.why).toBe('unavailable');
    expect(scheduler.poolReport('openai')).toMatchObject({
      accounts: { total: 1, eligible: 1, byState: { closed: 1 } },
      capacity: {
        rpm: { limit: 60, remaining: expect.any(Number) },
        tpm: { limit: null, remaining: null },
        concurrency: { limit: null, remaining: null },
      },
      wouldAnswer: { status: 200 },
    });
    expect(await codeOf(() => scheduler.poolReport('nowhere'))).toBe('not_found');
  });
});
