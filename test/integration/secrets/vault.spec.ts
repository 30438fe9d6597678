import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { TestingModule } from '@nestjs/testing';
import { Secret } from '#kernel';
import { AccountsService } from '#provider-account-pool';
import { EncryptionKeys, type SecretsOptions } from '#secrets';
import { Rewrapper } from '../../../libs/secrets/src/rewrap/rewrapper.js';
import { FakeVault } from '../../../libs/secrets/src/vault/fake-vault.fixture.js';
import { createTestDatabase, type TestDatabase } from '../../support/test-database.js';
import { actor, codeOf, leaseOf, startMs, startPool } from '../provider-account-pool/pool-process.js';

const local = { id: 'local', material: new Secret(randomBytes(32).toString('base64')) };
const draft = { provider: 'openai', name: 'main', credential: 'sk-main-0123456789' };
const vault = new FakeVault();
const running: TestingModule[] = [];
let database: TestDatabase;
let address: string;

beforeAll(async () => {
  database = await createTestDatabase();
  address = await vault.listen();
  vault.rotate('gateway');
}, startMs);
afterAll(async () => {
  await Promise.all(running.map((app) => app.close()));
  await vault.close();
  await database.drop();
});

async function start(secrets: Partial<SecretsOptions>): Promise<TestingModule> {
  const app = await startPool({ url: database.applicationUrl, secrets });
  running.push(app);
  return app;
}

it('everything moves from a local keyring to Vault; with Vault away, calls go on and changes are refused', async () => {
  await (await start({ encryptionKeys: [local] })).get(AccountsService).create(draft, actor);
  const place = { address, namespace: null, mount: 'transit', name: 'gateway' };
  const login = { kind: 'token' as const, token: new Secret(vault.rootToken) };
  const inVault = { keyEncryption: 'vault' as const, vault: { ...place, login } };
  const both = await start({ ...inVault, encryptionKeys: [local] });
  expect(leaseOf(both).target.credential.reveal()).toBe(draft.credential);
  await both.get(EncryptionKeys).rewrap(async () => undefined);
  await both.get(Rewrapper).work();
  const alone = await start({ ...inVault, encryptionKeys: null });
  expect((await alone.get(EncryptionKeys).report()).keys).toMatchObject([{ keyId: 'gateway.v1', rows: 1 }]);
  const before = vault.asked.length;
  for (let i = 0; i < 20; i += 1) expect(leaseOf(alone).target.credential.reveal()).toBe(draft.credential);
  expect(vault.asked).toHaveLength(before);
  vault.faults.push(503, 503, 503);
  const change = () => alone.get(AccountsService).create({ ...draft, name: 'second' }, actor);
  expect(await codeOf(change)).toBe('storage_unavailable');
  expect(leaseOf(alone).target.credential.reveal()).toBe(draft.credential);
});
