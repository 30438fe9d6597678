import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ApiKeysService, ApiKeyVerifier, RotationService } from '#api-keys';
import type { Secret } from '#kernel';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { root, startProcess } from './api-keys-process.js';

let database: TestDatabase;
let app: TestingModule;
let keys: ApiKeysService;
let rotations: RotationService;
let dataSource: DataSource;
let nowMs = Date.now();

beforeAll(async () => {
  database = await createTestDatabase();
  app = await startProcess({ url: database.url, clock: { nowMs: () => nowMs } });
  keys = app.get(ApiKeysService);
  rotations = app.get(RotationService);
  dataSource = app.get(DataSource);
});
beforeEach(() => dataSource.query('DELETE FROM api_keys'));
afterAll(async () => {
  await app.close();
  await database.drop();
});

const holderOf = (secret: Secret | null) =>
  secret === null ? null : (app.get(ApiKeyVerifier).verify(secret.reveal())?.apiKeyId ?? null);
const aKey = (more: object = {}) => keys.create({ name: 'team', scopes: ['call'], ...more }, root);
const secretsOf = async (id: string): Promise<number> => {
  const rows: { count: string }[] = await dataSource.query(
    'SELECT count(*) FROM api_key_secrets WHERE api_key_id = $1',
    [id],
  );
  return Number(rows[0]?.count);
};

describe('a rotated key', () => {
  it('is known by both secrets until the deadline, by the new one alone from then on, and is the same key', async () => {
    const { key, secret: old } = await aKey({ limits: { rpm: 60 } });
    const { secret, previousValidUntil, rotationId } = await rotations.rotate(
      key.id,
      { graceSeconds: 60 },
      root,
    );
    expect(previousValidUntil.getTime()).toBe(nowMs + 60_000);
    expect([holderOf(old), holderOf(secret)]).toEqual([key.id, key.id]);
    expect(await rotations.get(rotationId)).toMatchObject({ state: 'overlapping', resourceId: key.id });
    nowMs += 59_999;
    expect(holderOf(old)).toBe(key.id);
    nowMs += 1;
    expect([holderOf(old), holderOf(secret)]).toEqual([null, key.id]);
    expect(await rotations.get(rotationId)).toMatchObject({ state: 'done' });
    expect(await keys.get(key.id)).toMatchObject({ name: 'team', limits: { rpm: 60 } });
  });

  it('never has its expiry put off by the grace', async () => {
    const expiresAt = new Date(nowMs + 1_000);
    const { key, secret: old } = await aKey({ expiresAt });
    const { secret, previousValidUntil } = await rotations.rotate(key.id, { graceSeconds: 60 }, root);
    expect(previousValidUntil).toEqual(expiresAt);
    nowMs += 1_000;
    expect([holderOf(old), holderOf(secret)]).toEqual([null, null]);
    await expect(rotations.rotate(key.id, {}, root)).rejects.toMatchObject({ code: 'conflict' });
  });

  it('is not rotated again while two secrets are valid; an emergency ends the older at once', async () => {
    const { key, secret: first } = await aKey();
    const { secret: second } = await rotations.rotate(key.id, { graceSeconds: 60 }, root);
    await expect(rotations.rotate(key.id, {}, root)).rejects.toMatchObject({ code: 'conflict' });
    const { secret: third } = await rotations.rotate(key.id, { emergency: true, graceSeconds: 5 }, root);
    expect([first, second, third].map(holderOf)).toEqual([null, key.id, key.id]);
    nowMs += 5_000;
    expect([second, third].map(holderOf)).toEqual([null, key.id]);
  });

  it('that is asked for by many at once gets one new secret', async () => {
    const { key } = await aKey();
    const asked = Array.from({ length: 8 }, () => rotations.rotate(key.id, { graceSeconds: 60 }, root));
    const done = (await Promise.allSettled(asked)).filter(({ status }) => status === 'fulfilled');
    expect(done).toHaveLength(1);
    expect(await secretsOf(key.id)).toBe(2);
  });

  it('that is asked for again by the same request gets no third secret', async () => {
    const { key, secret: old } = await aKey();
    const draft = { graceSeconds: 60, idempotencyKey: 'one' };
    const first = await rotations.rotate(key.id, draft, root);
    const again = await rotations.rotate(key.id, draft, root);
    expect(again).toEqual({ ...first, secret: null });
    expect([old, first.secret].map(holderOf)).toEqual([key.id, key.id]);
    expect((await rotations.list({ limit: 10, cursor: null }, key.id)).data).toHaveLength(1);
  });

  it('is not given to who may do less than the key', async () => {
    const { key, secret: old } = await aKey({ scopes: ['call', 'admin:write'] });
    const narrow = { ...root, apiKeyId: key.id, scopes: ['admin:write'] as const };
    await expect(rotations.rotate(key.id, {}, narrow)).rejects.toMatchObject({ code: 'insufficient_scope' });
    expect(holderOf(old)).toBe(key.id);
    expect(await secretsOf(key.id)).toBe(1);
  });

  it.each([-1, 0.5, 90 * 86_400 + 1])('is refused a grace of %s seconds', async (graceSeconds) => {
    const { key } = await aKey();
    await expect(rotations.rotate(key.id, { graceSeconds }, root)).rejects.toMatchObject({
      code: 'invalid_request',
    });
  });

  it('that is revoked or unknown stays so', async () => {
    const { key } = await aKey();
    await keys.revoke(key.id);
    await expect(rotations.rotate(key.id, {}, root)).rejects.toMatchObject({ code: 'conflict' });
    const unknown = '01940000-0000-7000-8000-000000000000';
    await expect(rotations.rotate(unknown, {}, root)).rejects.toMatchObject({ code: 'not_found' });
  });
});
