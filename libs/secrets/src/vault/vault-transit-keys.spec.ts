import { randomBytes } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { Secret } from '#kernel';
import { EnvelopeSecretBox } from '../envelope-secret-box.js';
import { KeysUnreachable } from '../key-encryption-keys.js';
import { keyEncryptionKeysContract } from '../key-encryption-keys.contract.js';
import { FakeVault, type VaultFault } from './fake-vault.fixture.js';
import { VaultClient, type VaultPlace } from './vault-client.js';
import { VaultTransitKeys } from './vault-transit-keys.js';

const vault = new FakeVault();
const pauses: number[] = [];
let address: string;
let nowMs = 0;

beforeAll(async () => {
  address = await vault.listen();
});
afterAll(() => vault.close());
beforeEach(() => {
  pauses.length = 0;
  vault.faults.length = 0;
});

const byToken = (): VaultPlace['login'] => ({ kind: 'token', token: new Secret(vault.rootToken) });
const byRole = (secretId: string = vault.secretId): VaultPlace['login'] => {
  return { kind: 'approle', roleId: vault.roleId, secretId: new Secret(secretId) };
};
function open(name: string, login = byToken(), timeoutMs = 30_000): Promise<VaultTransitKeys> {
  const patience = {
    timeoutMs,
    pausesMs: [100, 400],
    pause: async (ms: number) => pauses.push(ms),
    nowMs: () => nowMs,
  };
  const client = new VaultClient({ address, namespace: null, login }, patience);
  return VaultTransitKeys.open(client, { mount: 'transit', name });
}
async function made(name: string): Promise<VaultTransitKeys> {
  vault.rotate(name);
  return open(name);
}

let before: Promise<VaultTransitKeys> | null = null;
keyEncryptionKeysContract('VaultTransitKeys', {
  before: () => (before ??= made('gateway')),
  after: async () => {
    await (before ??= made('gateway'));
    return made('gateway');
  },
  foreign: () => made('foreign'),
});

describe('keys of Vault', () => {
  const binding = Buffer.from('cell');

  it('are named by version; the newest at start stays primary until the next', async () => {
    const keys = await made('versions');
    vault.rotate('versions');
    expect((await keys.wrap(randomBytes(32), binding)).keyId).toBe('versions.v1');
    expect((await open('versions')).primaryId).toBe('versions.v2');
    vault.setOldest('versions', 2);
    const later = await open('versions');
    expect([later.has('versions.v1'), later.has('versions.v2'), later.has('versions.v3')]).toEqual([
      false,
      true,
      false,
    ]);
  });

  it.each<[string, VaultFault[]]>([
    ['throttling', [429, 429]],
    ['errors', [500, 503]],
    ['broken connections', ['drop', 'drop']],
  ])('are asked again after %s', async (_, faults) => {
    const keys = await made('patient');
    const dataKey = randomBytes(32);
    vault.faults.push(...faults);
    const wrapped = await keys.wrap(dataKey, binding);
    expect(await keys.unwrap(wrapped, binding)).toEqual(dataKey);
    expect(pauses).toEqual([100, 400]);
  });

  it.each<[string, VaultFault[]]>([
    ['is sealed', [503, 503, 503]],
    ['throttles on', [429, 429, 429]],
    ['answers nonsense', ['nonsense']],
    ['answers without end', ['endless']],
  ])('cannot be reached while Vault %s: a fault that says so, and no damage', async (_, faults) => {
    const keys = await made('away');
    const wrapped = await keys.wrap(randomBytes(32), binding);
    vault.faults.push(...faults);
    await expect(keys.unwrap(wrapped, binding)).rejects.toThrow(KeysUnreachable);
  });

  it('cannot be reached while Vault does not answer in time', async () => {
    await made('slow');
    vault.faults.push('hang', 'hang', 'hang');
    await expect(open('slow', byToken(), 50)).rejects.toThrow('TimeoutError');
  });

  it('are reached by a role, again when its token has run out', async () => {
    vault.rotate('role');
    const keys = await open('role', byRole());
    const wrapped = await keys.wrap(randomBytes(32), binding);
    vault.expireLogins();
    expect(await keys.unwrap(wrapped, binding)).toHaveLength(32);
  });

  it('are refused to a wrong token or role, in words that hold no secret', async () => {
    vault.rotate('closed');
    const wrong: VaultPlace['login'] = { kind: 'token', token: new Secret('hvs.canary') };
    const errors = await Promise.all(
      [wrong, byRole('canary')].map((login) => open('closed', login).catch(String)),
    );
    expect(errors).toEqual([
      expect.stringContaining('Vault forbids transit/keys/closed'),
      expect.stringContaining('Vault refused the login'),
    ]);
    expect(errors.join()).not.toContain('canary');
  });

  it('that do not exist are told by name', async () => {
    await expect(open('nowhere')).rejects.toThrow('Vault has no key "nowhere" at "transit"');
  });

  it('are unreachable to a secret box as a value', async () => {
    const box = new EnvelopeSecretBox(await made('box'));
    const cell = { table: 't', column: 'c', rowId: '1' };
    const envelope = await box.seal(new Secret('sk-1'), cell);
    vault.faults.push(503, 503, 503);
    const unreachable = { unreadable: true, reason: 'keys_unreachable' };
    expect(await box.open(envelope, cell)).toEqual(unreachable);
    await expect(box.seal(new Secret('sk-1'), cell)).rejects.toMatchObject({ code: 'storage_unavailable' });
    nowMs += 1_001;
    expect(await box.open(envelope, cell)).toBeInstanceOf(Secret);
  });

  it('are not asked for a while after a failure, for twice as long after each further one', async () => {
    const keys = await made('quiet');
    const wrapped = await keys.wrap(randomBytes(32), binding);
    for (const quietMs of [1_000, 2_000, 4_000]) {
      vault.faults.push(503, 503, 503);
      await expect(keys.unwrap(wrapped, binding)).rejects.toThrow('status 503');
      const { length: asked } = vault.asked;
      nowMs += quietMs - 1;
      await expect(keys.unwrap(wrapped, binding)).rejects.toThrow('just now');
      expect(vault.asked).toHaveLength(asked);
      nowMs += 1;
    }
    expect(await keys.unwrap(wrapped, binding)).toHaveLength(32);
  });
});
