import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { DataSource } from 'typeorm';
import type { KeyChanger } from '#api-keys';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { dayMs, RotationBench } from './a-rotation-bench.js';
import { root, startProcess } from './api-keys-process.js';

let database: TestDatabase;
let one: RotationBench;
let nowMs = Date.now();

beforeAll(async () => {
  database = await createTestDatabase();
  const clock = { nowMs: () => nowMs };
  one = new RotationBench(await startProcess({ url: database.applicationUrl, clock }));
});
beforeEach(() => one.app.get(DataSource).query('DELETE FROM api_keys'));
afterAll(async () => {
  await one.app.close();
  await database.drop();
});

/** Past the time at which any key of 30 days begins. */
const becomeDue = async () => {
  nowMs += 30 * dayMs + 10_000;
  await one.tick();
};

describe('whoever made a policy', () => {
  const maker = async (scopes: string[]): Promise<KeyChanger> => {
    const { key } = await one.keys.create({ name: 'maker', scopes }, root);
    return { ...root, apiKeyId: key.id, scopes: key.scopes };
  };

  it('gives nothing that it could not give itself at that time', async () => {
    const by = await maker(['call', 'admin:write']);
    const { id, old } = await one.keyUnder({}, {}, by);
    const { id: within } = await one.keyUnder({}, {}, by);
    await one.keys.update(id, 1, { scopes: ['call', 'audit:read'] }, root);
    await becomeDue();
    expect(await one.runOf(id)).toMatchObject({ state: 'failed', reason: 'maker_not_allowed' });
    expect([one.holderOf(old), await one.secretsOf(id)]).toEqual([id, 1]);
    expect(await one.runOf(within)).toMatchObject({ state: 'awaiting_claim' });
  });

  it.each<[string, (id: string) => Promise<unknown>]>([
    ['revoked', (id) => one.keys.revoke(id)],
    ['disabled', (id) => one.keys.disable(id)],
    ['deleted', (id) => one.keys.remove(id)],
    ['expired', (id) => one.keys.update(id, 1, { expiresAt: new Date(nowMs + dayMs) }, root)],
    ['kept from making keys', (id) => one.keys.update(id, 1, { scopes: ['call'] }, root)],
  ])('gives nothing once it is %s; who takes the policy over does', async (_, lose) => {
    const by = await maker(['call', 'admin:write']);
    const { id, policy } = await one.keyUnder({}, {}, by);
    await lose(by.apiKeyId ?? '');
    await becomeDue();
    expect(await one.runOf(id)).toMatchObject({ state: 'failed', reason: 'maker_not_allowed' });
    await one.policies.update(policy.id, 1, { name: 'taken over' }, root);
    nowMs += dayMs;
    await one.tick();
    expect(await one.runOf(id)).toMatchObject({ state: 'awaiting_claim' });
    await one.claims.abort((await one.runOf(id)).id);
    await one.keys.remove(id);
    await one.policies.remove(policy.id);
  });
});
