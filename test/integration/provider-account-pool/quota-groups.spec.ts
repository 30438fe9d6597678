import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ChangeFeed } from '#persistence';
import { AccountsService, ProvidersService, QuotaGroupsService } from '#provider-account-pool';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { until } from '../../support/until.js';
import { actor, codeOf, page, startMs, startPool } from './pool-process.js';

const draft = { provider: 'openai', name: 'organisation-a', limits: { rpm: 60 } };
const account = { provider: 'openai', name: 'main', credential: 'sk-0123456789' };

describe('quota groups on Postgres', () => {
  let database: TestDatabase;
  let app: TestingModule;
  let groups: QuotaGroupsService;
  let accounts: AccountsService;

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startPool({ url: database.url });
    groups = app.get(QuotaGroupsService);
    accounts = app.get(AccountsService);
  }, startMs);
  beforeEach(async () => {
    for (const table of ['accounts', 'quota_groups', 'providers'])
      await app.get(DataSource).query(`DELETE FROM ${table}`);
    await app.get(ChangeFeed).refresh();
  });
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  it('read back as they were made, and the row of a known kind is made for them', async () => {
    const created = await groups.create({ ...draft, notes: 'two keys' });
    expect(created).toMatchObject({
      name: 'organisation-a',
      provider: 'openai',
      limits: { rpm: 60, tpm: null, maxConcurrency: null },
      notes: 'two keys',
      version: 1,
    });
    expect(groups.get(created.id)).toEqual(created);
    expect(app.get(ProvidersService).list(page).data).toMatchObject([{ name: 'openai' }]);
  });

  it('are listed page by page, of one provider if wanted', async () => {
    const made = [];
    for (const name of ['a', 'b', 'c']) made.push(await groups.create({ ...draft, name }));
    await groups.create({ provider: 'groq', name: 'other' });
    const first = groups.list({ limit: 2, cursor: null }, 'openai');
    const second = groups.list({ limit: 2, cursor: first.nextCursor }, 'openai');
    expect([...first.data, ...second.data]).toEqual(made);
    expect(second.nextCursor).toBeNull();
    expect(groups.list(page).data).toHaveLength(4);
  });

  it('merge limits, keep what is not given, and change only on the version that was read', async () => {
    const { id } = await groups.create({ ...draft, notes: 'kept' });
    const changed = await groups.update(id, 1, { limits: { tpm: 1000 } });
    expect(changed).toMatchObject({ notes: 'kept', limits: { rpm: 60, tpm: 1000 }, version: 2 });
    expect(await codeOf(() => groups.update(id, 1, { name: 'late' }))).toBe('conflict');
    expect((await groups.update(id, 2, { limits: null })).limits.rpm).toBeNull();
  });

  it('hold their name in the pool', async () => {
    await groups.create(draft);
    expect(await codeOf(() => groups.create(draft))).toBe('conflict');
    expect(await codeOf(() => groups.create({ ...draft, provider: 'groq' }))).toBeNull();
  });

  it.each<[string, object, string]>([
    ['an unknown provider', { provider: 'nobody' }, 'provider'],
    ['a limit below 1', { limits: { tpm: 0 } }, 'limits.tpm'],
    ['no name', { name: '' }, 'name'],
  ])('are refused with %s', async (_what, change, field) => {
    const attempt = groups.create({ ...draft, ...change });
    await expect(attempt).rejects.toMatchObject({ code: 'invalid_request', details: { field } });
  });

  it('take in accounts of their provider alone, and cannot be deleted while they have any', async () => {
    const { id } = await groups.create(draft);
    const inside = await accounts.create({ ...account, quotaGroupId: id }, actor);
    expect(inside.quotaGroupId).toBe(id);
    expect(accounts.list(page, { quotaGroupId: id }).data).toEqual([inside]);
    const stranger = { ...account, provider: 'groq', quotaGroupId: id };
    await expect(accounts.create(stranger, actor)).rejects.toMatchObject({
      code: 'invalid_request',
      details: { field: 'quotaGroupId' },
    });
    expect(await codeOf(() => groups.remove(id))).toBe('conflict');
    await accounts.update(inside.id, 1, { quotaGroupId: null }, actor);
    await groups.remove(id);
    expect(await codeOf(() => groups.get(id))).toBe('not_found');
  });

  it('reach every replica', async () => {
    const other = await startPool({ url: database.url });
    const { id } = await groups.create(draft);
    const seen = async () =>
      other
        .get(QuotaGroupsService)
        .list(page)
        .data.map((group) => group.id);
    expect(await until(seen, (ids) => ids.includes(id))).toEqual([id]);
    await other.close();
  });
});
