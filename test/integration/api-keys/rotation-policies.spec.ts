import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ApiKeysService, RotationPolicies, type KeyChanger } from '#api-keys';
import { asId } from '#kernel';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { root, startProcess } from './api-keys-process.js';

const dayMs = 86_400_000;
const webhook = { kind: 'webhook', url: 'https://hooks.example.com/x?t=1' } as const;
let database: TestDatabase;
let app: TestingModule;
let keys: ApiKeysService;
let policies: RotationPolicies;

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startProcess({ url: database.applicationUrl });
  keys = app.get(ApiKeysService);
  policies = app.get(RotationPolicies);
});
beforeEach(async () => {
  await app.get(DataSource).query('DELETE FROM api_keys');
  await app.get(DataSource).query('DELETE FROM rotation_policies');
});
afterAll(async () => {
  await app.close();
  await database.drop();
});

const aKey = async (scopes: string[] = ['call']) =>
  (await keys.create({ name: 'team', scopes }, root)).key.id;
const draft = (ids: string[], more: object = {}) => ({
  name: 'quarterly',
  target: { kind: 'api_key' as const, ids },
  everyDays: 90,
  delivery: { kind: 'claim' as const },
  ...more,
});
const limited = async (): Promise<KeyChanger> => ({
  ...root,
  apiKeyId: asId<'ApiKey'>(await aKey(['admin:write'])),
  scopes: ['admin:write'],
});

describe('a rotation policy', () => {
  it('is complete when made, and says when the first of its keys is due', async () => {
    const id = await aKey();
    const { policy, signingSecret } = await policies.create(draft([id, id.toUpperCase()]), root);
    expect(policy).toMatchObject({
      target: { kind: 'api_key', ids: [id] },
      windowHours: 24,
      graceSeconds: 86_400,
      hardDeadline: false,
      warnDays: [7, 3, 1],
      delivery: { kind: 'claim', claimSeconds: 604_800 },
      maker: 'root',
      version: 1,
    });
    expect(signingSecret).toBeNull();
    const inMs = (policy.nextDueAt?.getTime() ?? 0) - Date.now();
    expect(inMs).toBeGreaterThan(88.9 * dayMs);
    expect(inMs).toBeLessThanOrEqual(90 * dayMs);
  });

  it('is given to no key that may do more than who makes it, nor changed while it has such a key', async () => {
    const broad = await aKey(['call', 'admin:write']);
    const by = await limited();
    const denied = { code: 'insufficient_scope' };
    await expect(policies.create(draft([broad], { delivery: webhook }), by)).rejects.toMatchObject(denied);
    const { policy } = await policies.create(draft([], { delivery: webhook }), by);
    await expect(
      policies.update(policy.id, 1, { target: { kind: 'api_key', ids: [broad] } }, by),
    ).rejects.toMatchObject(denied);
    await policies.update(policy.id, 1, { target: { kind: 'api_key', ids: [broad] } }, root);
    for (const change of [
      { delivery: { ...webhook, url: 'https://elsewhere.example.com/' } },
      { graceSeconds: 0 },
      { target: { kind: 'api_key' as const, ids: [] } },
    ]) {
      await expect(policies.update(policy.id, 2, change, by)).rejects.toMatchObject(denied);
    }
    expect(await policies.get(policy.id)).toMatchObject({ version: 2, maker: 'root', delivery: webhook });
  });

  it('gives each delivery by webhook another signing secret, shown once and sealed', async () => {
    const { policy, signingSecret } = await policies.create(draft([], { delivery: webhook }), root);
    expect(signingSecret?.reveal()).toMatch(/^whsec_[\w+/]{43}=$/);
    const renamed = await policies.update(policy.id, 1, { name: 'other' }, root);
    expect(renamed.signingSecret).toBeNull();
    const again = await policies.update(policy.id, 2, { delivery: webhook }, root);
    expect(again.signingSecret?.reveal()).not.toBe(signingSecret?.reveal());
    const claimed = await policies.update(policy.id, 3, { delivery: { kind: 'claim' } }, root);
    expect(claimed).toMatchObject({ signingSecret: null, policy: { delivery: { kind: 'claim' } } });
    const [row] = await app
      .get(DataSource)
      .query<{ sealed: Buffer | null }[]>('SELECT sealed_signing_secret AS sealed FROM rotation_policies');
    expect(row?.sealed).toBeNull();
  });

  it('has its keys to itself, and its name', async () => {
    const id = await aKey();
    const { policy } = await policies.create(draft([id]), root);
    const conflict = { code: 'conflict' };
    await expect(policies.create(draft([]), root)).rejects.toMatchObject({
      ...conflict,
      details: { field: 'name' },
    });
    await expect(policies.create(draft([id], { name: 'b' }), root)).rejects.toMatchObject({
      ...conflict,
      details: { field: 'target.ids' },
    });
    await expect(policies.remove(policy.id)).rejects.toMatchObject(conflict);
    await expect(policies.update(policy.id, 7, { everyDays: 5 }, root)).rejects.toMatchObject(conflict);
    await keys.remove(id);
    expect(await policies.get(policy.id)).toMatchObject({ target: { ids: [] }, nextDueAt: null });
    await policies.remove(policy.id);
    await expect(policies.get(policy.id)).rejects.toMatchObject({ code: 'not_found' });
  });

  it('is listed a page at a time', async () => {
    for (const name of ['a', 'b', 'c']) await policies.create(draft([], { name }), root);
    const first = await policies.list({ limit: 2, cursor: null });
    const second = await policies.list({ limit: 2, cursor: first.nextCursor });
    expect([...first.data, ...second.data].map(({ name }) => name)).toEqual(['a', 'b', 'c']);
    expect(second.nextCursor).toBeNull();
    await expect(policies.list({ limit: 2, cursor: 'x' })).rejects.toMatchObject({ code: 'invalid_request' });
  });

  it.each<[string, object]>([
    ['target.kind', { target: { kind: 'account', ids: [] } }],
    ['target.ids', { target: { kind: 'api_key', ids: ['nonsense'] } }],
    ['target.ids', { target: { kind: 'api_key', ids: ['01940000-0000-7000-8000-000000000000'] } }],
    ['everyDays', { everyDays: 0 }],
    ['windowHours', { everyDays: 1, windowHours: 13 }],
    ['graceSeconds', { graceSeconds: 90 * 86_400 + 1 }],
    ['warnDays', { warnDays: [0] }],
    ['name', { name: '' }],
    ['delivery', { delivery: { kind: 'webhook' } }],
    ['delivery', { delivery: { kind: 'claim', url: 'https://example.com/' } }],
    ['delivery.claimSeconds', { delivery: { kind: 'claim', claimSeconds: 59 } }],
    ['delivery.url', { delivery: { kind: 'webhook', url: 'http://example.com/' } }],
    ['delivery.url', { delivery: { kind: 'webhook', url: 'https://user:pw@example.com/' } }],
    ['delivery.url', { delivery: { kind: 'webhook', url: 'ftp://example.com/', privateHosts: 'allow' } }],
  ])('is refused with a wrong %s', async (field, wrong) => {
    await expect(policies.create(draft([], wrong), root)).rejects.toMatchObject({
      code: 'invalid_request',
      details: { field },
    });
  });
});
