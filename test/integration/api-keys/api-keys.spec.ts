import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { AccessPermit, ApiKeysService, ApiKeyVerifier, type ApiKeyDraft } from '#api-keys';
import { type Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { codeOf } from '../../support/code-of.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { root, startProcess } from './api-keys-process.js';

const draft: ApiKeyDraft = { name: 'team', scopes: ['call'] };
const unknownId = '01940000-0000-7000-8000-000000000000';

describe('system API keys on Postgres', () => {
  let database: TestDatabase;
  let app: TestingModule;
  let keys: ApiKeysService;
  let verifier: ApiKeyVerifier;
  let dataSource: DataSource;
  let nowMs = Date.now();

  beforeAll(async () => {
    database = await createTestDatabase();
    app = await startProcess({ url: database.url, clock: { nowMs: () => nowMs } });
    keys = app.get(ApiKeysService);
    verifier = app.get(ApiKeyVerifier);
    dataSource = app.get(DataSource);
  });
  beforeEach(() => dataSource.query('DELETE FROM api_keys'));
  afterAll(async () => {
    await app.close();
    await database.drop();
  });

  const verified = (secret: Secret) => verifier.verify(secret.reveal());

  describe('a created key', () => {
    it('is in force when the call returns, with what was asked for', async () => {
      const models = { allow: ['gpt-*'], deny: ['gpt-5'] };
      const { key, secret } = await keys.create({ ...draft, models, scopes: ['call', 'admin:read'] }, root);
      expect(verified(secret)).toEqual({
        apiKeyId: key.id,
        name: 'team',
        scopes: new Set(['call', 'admin:read']),
        weight: 1,
        models,
        providers: { allow: [], deny: [] },
        permit: expect.any(AccessPermit),
        tagRules: null,
        addresses: null,
        meter: null,
      });
    });

    it('reads back as it was made, and shows nothing of its secret', async () => {
      const expiresAt = new Date(nowMs + 1000);
      const { key, secret } = await keys.create(
        {
          ...draft,
          owner: 'ops',
          expiresAt,
          metadata: { a: ['\\u0000 😀 \u0001'] },
        },
        root,
      );
      expect(await keys.get(key.id)).toEqual(key);
      expect(key).toMatchObject({
        owner: 'ops',
        expiresAt,
        metadata: { a: ['\\u0000 😀 \u0001'] },
        state: 'active',
        version: 1,
      });
      expect(JSON.stringify(key)).not.toContain(secret.reveal().slice(-49, -40));
    });

    it('has its share while many wait, 1 unless said otherwise', async () => {
      const usual = await keys.create(draft, root);
      const heavy = await keys.create({ ...draft, weight: 2.5 }, root);
      expect([usual.key.weight, heavy.key.weight]).toEqual([1, 2.5]);
      await keys.update(usual.key.id, 1, { weight: 4 }, root);
      expect([verified(usual.secret)?.weight, verified(heavy.secret)?.weight]).toEqual([4, 2.5]);
    });

    it('is nowhere in the database', async () => {
      const { secret } = await keys.create(draft, root);
      const [{ dump }] = await dataSource.query(
        `SELECT string_agg(k::text || s::text, ' ') AS dump FROM api_keys k JOIN api_key_secrets s ON s.api_key_id = k.id`,
      );
      const secretPart = secret.reveal().split('_').at(-1) ?? '';
      for (let at = 0; at + 6 <= secretPart.length; at += 1) {
        expect(dump).not.toContain(secretPart.slice(at, at + 6));
      }
    });

    it('is not made from a faulty draft', async () => {
      expect(await codeOf(keys.create({ ...draft, limits: { rpm: 0 } }, root))).toBe('invalid_request');
      expect((await keys.list({ limit: 1, cursor: null })).data).toEqual([]);
    });
  });

  describe('a key is refused', () => {
    it('while it is disabled', async () => {
      const { key, secret } = await keys.create(draft, root);
      expect((await keys.disable(key.id)).state).toBe('disabled');
      expect(verified(secret)).toBeNull();
      expect((await keys.enable(key.id)).state).toBe('active');
      expect(verified(secret)).not.toBeNull();
    });

    it('for good once it is revoked', async () => {
      const { key, secret } = await keys.create(draft, root);
      const revoked = await keys.revoke(key.id);
      expect(revoked.state).toBe('revoked');
      expect(verified(secret)).toBeNull();
      expect(await codeOf(keys.enable(key.id))).toBe('conflict');
      expect(await codeOf(keys.disable(key.id))).toBe('conflict');
      expect(await codeOf(keys.update(key.id, revoked.version, { name: 'other' }, root))).toBe('conflict');
      expect(await keys.revoke(key.id)).toEqual(revoked);
    });

    it('from its expiry on, without any refresh', async () => {
      const { key, secret } = await keys.create({ ...draft, expiresAt: new Date(nowMs + 1000) }, root);
      expect(verified(secret)).not.toBeNull();
      nowMs += 1000;
      expect(verified(secret)).toBeNull();
      expect((await keys.get(key.id)).state).toBe('expired');
    });

    it('once it is deleted', async () => {
      const { key, secret } = await keys.create(draft, root);
      await keys.remove(key.id);
      expect(verified(secret)).toBeNull();
      expect(await codeOf(keys.get(key.id))).toBe('not_found');
    });
  });

  describe('a change', () => {
    it('touches only the fields that are given, and is in force when the call returns', async () => {
      const { key, secret } = await keys.create({ ...draft, owner: 'ops', models: { deny: ['x'] } }, root);
      const changed = await keys.update(key.id, key.version, { name: 'new', models: { allow: ['y'] } }, root);
      expect(changed).toMatchObject({
        name: 'new',
        owner: 'ops',
        models: { allow: ['y'], deny: ['x'] },
        version: 2,
      });
      expect(verified(secret)?.name).toBe('new');
    });

    it('that is based on an old version is refused and changes nothing', async () => {
      const { key } = await keys.create(draft, root);
      await keys.update(key.id, 1, { name: 'first' }, root);
      expect(await codeOf(keys.update(key.id, 1, { name: 'second' }, root))).toBe('conflict');
      expect((await keys.get(key.id)).name).toBe('first');
    });

    it('is made by one of two that come at once', async () => {
      const { key } = await keys.create(draft, root);
      const codes = await Promise.all(
        ['a', 'b', 'c'].map((name) => codeOf(keys.update(key.id, 1, { name }, root))),
      );
      expect(codes.filter((code) => code === null)).toHaveLength(1);
      expect(codes.filter((code) => code === 'conflict')).toHaveLength(2);
    });

    it.each(['no-uuid', unknownId, `${unknownId}'`])(
      'of a key that is not there is not_found: %p',
      async (id) => {
        const attempts = [
          keys.get(id),
          keys.update(id, 1, {}, root),
          keys.disable(id),
          keys.enable(id),
          keys.revoke(id),
          keys.remove(id),
        ];
        expect(new Set(await Promise.all(attempts.map(codeOf)))).toEqual(new Set(['not_found']));
      },
    );
  });

  describe('the list', () => {
    it('gives every key once, in order of creation, page by page', async () => {
      for (const name of ['a', 'b', 'c', 'd', 'e']) await keys.create({ ...draft, name }, root);
      const names: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await keys.list({ limit: 2, cursor });
        names.push(...page.data.map(({ name }) => name));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(names).toEqual(['a', 'b', 'c', 'd', 'e']);
    });

    it('can be narrowed to a name or an owner', async () => {
      await keys.create({ ...draft, name: 'a', owner: 'x' }, root);
      await keys.create({ ...draft, name: 'b', owner: 'x' }, root);
      const namesOf = async (filter: object) =>
        (await keys.list({ limit: 9, cursor: null }, filter)).data.map(({ name }) => name);
      expect(await namesOf({ owner: 'x' })).toEqual(['a', 'b']);
      expect(await namesOf({ owner: 'x', name: 'b' })).toEqual(['b']);
      expect(await namesOf({ name: undefined, owner: undefined })).toHaveLength(2);
    });

    it.each([0, 501, 1.5, NaN])('refuses a limit of %p', async (limit) => {
      expect(await codeOf(keys.list({ limit, cursor: null }))).toBe('invalid_request');
    });

    it.each(['', 'nonsense', btoa('nonsense'), '%'])('refuses the cursor %p', async (cursor) => {
      expect(await codeOf(keys.list({ limit: 1, cursor }))).toBe('invalid_request');
    });
  });

  describe('the last use', () => {
    it('is written when the process stops at the latest, raises no version and announces no change', async () => {
      const { key, secret } = await keys.create(draft, root);
      const versionOfTopic = async () =>
        (await dataSource.query(`SELECT version FROM change_counters WHERE topic = 'api_keys'`))[0].version;
      const before = await versionOfTopic();
      const other = await startProcess({ url: database.url, clock: { nowMs: () => nowMs } });
      other.get(ApiKeyVerifier).verify(secret.reveal());
      await other.close();
      expect(await keys.get(key.id)).toEqual({ ...key, lastUsedAt: new Date(nowMs) });
      expect(await versionOfTopic()).toBe(before);
    });
  });

  it('serves from the last snapshot while the table cannot be read', async () => {
    const { secret } = await keys.create(draft, root);
    await dataSource.query('ALTER TABLE api_keys RENAME TO gone');
    await app.get(ChangeFeed).refresh();
    expect(verified(secret)).not.toBeNull();
    await dataSource.query('ALTER TABLE gone RENAME TO api_keys');
  });

  it('takes over what another process changed', async () => {
    const other = await startProcess({ url: database.url, clock: { nowMs: () => nowMs } });
    const { key, secret } = await other.get(ApiKeysService).create(draft, root);
    await app.get(ChangeFeed).refresh();
    expect(verified(secret)).not.toBeNull();
    await other.get(ApiKeysService).revoke(key.id);
    await app.get(ChangeFeed).refresh();
    expect(verified(secret)).toBeNull();
    await other.close();
  });

  it('does not take the hash of one key for another', async () => {
    const { key: strong } = await keys.create({ ...draft, scopes: ['admin:write'] }, root);
    const { key: weak, secret } = await keys.create(draft, root);
    await dataSource.query(
      `UPDATE api_key_secrets SET hash = (SELECT hash FROM api_key_secrets WHERE api_key_id = $2) WHERE api_key_id = $1`,
      [strong.id, weak.id],
    );
    await app.get(ChangeFeed).refresh();
    expect(verified(secret)?.apiKeyId).toBe(weak.id);
  });
});
