import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { DataSource } from 'typeorm';
import { ApiKeysService, ApiKeyVerifier, readIpAddress, type ApiKeyDraft, type KeyChanger } from '#api-keys';
import { Secret } from '#kernel';
import { ChangeFeed } from '#persistence';
import { codeOf } from '../../support/code-of.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { root, startProcess } from './api-keys-process.js';

const draft: ApiKeyDraft = { name: 'team', scopes: ['call'] };

describe('what keys are bound to, on Postgres', () => {
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

  describe('a text is found', () => {
    it('by its keyed hash, whatever the state of its key', async () => {
      const { key, secret } = await keys.create(draft, root);
      await keys.create(draft, root);
      expect(await keys.find(secret)).toEqual(key);
      const revoked = await keys.revoke(key.id);
      expect(await keys.find(secret)).toEqual(revoked);
    });

    it("not when it is nobody's, malformed, or has but the lookup id of a key", async () => {
      const { secret } = await keys.create(draft, root);
      const { secret: other } = await keys.create(draft, root);
      const text = secret.reveal();
      const mixed = `${text.slice(0, -49)}${other.reveal().slice(-49)}`;
      await dataSource.query('UPDATE api_key_secrets SET hash = sha256(hash) WHERE key_id = $1', [
        other.reveal().split('_')[2],
      ]);
      for (const presented of ['', 'x', mixed, `${text}x`, other.reveal()]) {
        expect(await codeOf(keys.find(new Secret(presented)))).toBe('not_found');
      }
    });
  });

  describe('no key gives more than it has:', () => {
    const weak: KeyChanger = { ...root, scopes: ['admin:write'] };
    const narrow: KeyChanger = { ...root, models: { allow: ['gpt-*'], deny: [] } };

    it('not to a new one', async () => {
      expect(await codeOf(keys.create(draft, weak))).toBe('insufficient_scope');
      expect(await codeOf(keys.create(draft, narrow))).toBe('insufficient_scope');
      expect(await codeOf(keys.create({ ...draft, models: { allow: ['gpt-5'] } }, narrow))).toBeNull();
    });

    it('not to itself or another, nor does it touch one that has more', async () => {
      const { key } = await keys.create({ ...draft, scopes: ['admin:write'] }, root);
      const scopes = ['admin:write', 'call'];
      expect(await codeOf(keys.update(key.id, 1, { scopes }, weak))).toBe('insufficient_scope');
      const { key: strong } = await keys.create(draft, root);
      expect(await codeOf(keys.update(strong.id, 1, { name: 'x' }, weak))).toBe('insufficient_scope');
      const open = { entries: [], mode: 'enforce' } as const;
      expect(await codeOf(keys.restrictAddresses(strong.id, open, weak))).toBe('insufficient_scope');
      expect(await keys.get(strong.id)).toEqual(strong);
    });
  });

  describe('the addresses of a key', () => {
    const at = (text: string) => readIpAddress(text);
    const restrict = (id: string, more: object, by: KeyChanger = root) =>
      keys.restrictAddresses(id, { entries: ['10.0.0.0/8'], mode: 'enforce', ...more }, by);

    it('are in force when the call returns, on a key that was used before and one that was not', async () => {
      const { key, secret } = await keys.create(draft, root);
      expect(verified(secret)?.addresses).toBeNull();
      expect(await restrict(key.id, {})).toMatchObject({
        ipAllowlist: ['10.0.0.0/8'],
        ipAllowlistMode: 'enforce',
        ipReportUntil: null,
        version: 2,
      });
      const check = (address: string) => verified(secret)?.addresses?.check(at(address), nowMs);
      expect([check('10.1.2.3'), check('11.1.2.3')]).toEqual(['inside', 'refused']);
      await restrict(key.id, { entries: [] });
      expect(verified(secret)?.addresses).toBeNull();
    });

    it('only report for 7 days, and are then enforced by themselves', async () => {
      const { key, secret } = await keys.create(draft, root);
      const reporting = await restrict(key.id, { mode: 'report' });
      const weekMs = 7 * 86_400_000;
      expect(reporting).toMatchObject({
        ipAllowlistMode: 'report',
        ipReportUntil: new Date(nowMs + weekMs),
      });
      const check = () => verified(secret)?.addresses?.check(at('11.1.2.3'), nowMs);
      expect(check()).toBe('reported');
      nowMs += weekMs;
      expect(check()).toBe('refused');
      expect(await keys.get(key.id)).toMatchObject({ ipAllowlistMode: 'enforce', ipReportUntil: null });
    });

    it('let nobody in when what is stored cannot be read', async () => {
      const { key, secret } = await keys.create({ ...draft, ipAllowlist: ['10.0.0.0/8'] }, root);
      await dataSource.query(`UPDATE api_keys SET ip_allowlist = '{10.0.0.0/8,garbage}' WHERE id = $1`, [
        key.id,
      ]);
      await app.get(ChangeFeed).refresh();
      expect(verified(secret)?.addresses?.check(at('10.1.2.3'), nowMs)).toBe('refused');
    });

    it('do not lock out the key that sets them, unless it says so', async () => {
      const { key } = await keys.create({ ...draft, scopes: ['admin:write'] }, root);
      const self: KeyChanger = { ...root, apiKeyId: key.id, address: at('192.0.2.1') };
      expect(await codeOf(restrict(key.id, {}, self))).toBe('conflict');
      expect(await codeOf(restrict(key.id, {}, { ...self, address: null }))).toBe('conflict');
      expect(await codeOf(keys.update(key.id, 1, { ipAllowlist: ['10.0.0.1'] }, self))).toBe('conflict');
      expect(await codeOf(restrict(key.id, { mode: 'report' }, self))).toBeNull();
      expect(await codeOf(restrict(key.id, { entries: ['192.0.2.0/24'] }, self))).toBeNull();
      expect(await codeOf(restrict(key.id, { force: true }, self))).toBeNull();
      const { key: other } = await keys.create(draft, root);
      expect(await codeOf(restrict(other.id, {}, self))).toBeNull();
    });

    it.each([
      ['entries[0]', { entries: ['10.0.0.0/33'] }],
      ['mode', { mode: 'off' }],
      ['reportUntil', { mode: 'report', reportUntil: new Date(0) }],
      ['reportUntil', { mode: 'report', reportUntil: new Date(NaN) }],
      ['reportUntil', { mode: 'report', reportUntil: new Date(8e15) }],
      ['reportUntil', { mode: 'enforce', reportUntil: new Date(8e15) }],
    ])('are refused for %s in %j', async (field, more) => {
      const { key } = await keys.create(draft, root);
      await expect(restrict(key.id, more)).rejects.toMatchObject({
        code: 'invalid_request',
        details: { field },
      });
    });
  });
});
