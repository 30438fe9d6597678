import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import type { GcpKmsSettings } from '#config';
import { KeysUnreachable } from '../key-encryption-keys.js';
import { keyEncryptionKeysContract } from '../key-encryption-keys.contract.js';
import { TestPatience } from '../remote/patience.fixture.js';
import { crc32c } from './crc32c.js';
import { FakeGcpKms, type GcpFault } from './fake-gcp-kms.fixture.js';
import { gcpIdentity } from './gcp-identity.js';
import { GcpKmsClient } from './gcp-kms-client.js';
import { GcpKmsKeys } from './gcp-kms-keys.js';

const kms = new FakeGcpKms();
let endpoint: string;
let directory: string;

beforeAll(async () => {
  endpoint = await kms.listen();
  directory = await mkdtemp(join(tmpdir(), 'gcp-'));
});
afterAll(async () => {
  await kms.close();
  await rm(directory, { recursive: true, force: true });
});
afterEach(() => void kms.faults.splice(0));

async function inFile(text: string): Promise<GcpKmsSettings['login']> {
  const path = join(directory, `${randomBytes(4).toString('hex')}.json`);
  await writeFile(path, text);
  return { kind: 'file', path };
}
const atMetadata = (): GcpKmsSettings['login'] => ({ kind: 'metadata', host: new URL(endpoint).host });
async function open(key: string, patience = new TestPatience(), login = atMetadata()): Promise<GcpKmsKeys> {
  return GcpKmsKeys.open(new GcpKmsClient(endpoint, await gcpIdentity(login), patience, Date.now), key);
}
const made = (name: string, patience?: TestPatience): Promise<GcpKmsKeys> => open(kms.rotate(name), patience);
const troubleOf = (work: Promise<unknown>): Promise<unknown> =>
  work.then(
    () => 'none',
    (error: unknown) => (error instanceof KeysUnreachable ? error.trouble : error),
  );

let kept: Promise<GcpKmsKeys> | null = null;
const beforeChange = (): Promise<GcpKmsKeys> => (kept ??= made('gateway'));
keyEncryptionKeysContract('GcpKmsKeys', {
  before: beforeChange,
  after: async () => {
    await beforeChange();
    return made('gateway');
  },
  foreign: () => made('foreign'),
});

describe('keys of Google Cloud KMS', () => {
  const binding = Buffer.from('cell');

  it('are named by version; one that others met later is asked for too', async () => {
    const [dataKey, keys] = [randomBytes(32), await made('versions')];
    const later = await made('versions');
    expect([keys.primaryId, later.primaryId]).toEqual(['gcp.versions.v1', 'gcp.versions.v2']);
    expect((await keys.wrap(dataKey, binding)).keyId).toBe('gcp.versions.v1');
    expect(await keys.unwrap(await later.wrap(dataKey, binding), binding)).toEqual(dataKey);
  });

  it.each<[string, GcpFault[]]>([
    ['throttling', Array<GcpFault>(2).fill({ error: 'RESOURCE_EXHAUSTED', status: 429 })],
    ['errors', Array<GcpFault>(2).fill({ error: 'UNAVAILABLE', status: 503 })],
    ['broken connections', ['drop', 'drop']],
  ])('are asked again after %s', async (_, faults) => {
    const patience = new TestPatience();
    const keys = await made('patient', patience);
    const dataKey = randomBytes(32);
    kms.faults.push(...faults);
    expect(await keys.unwrap(await keys.wrap(dataKey, binding), binding)).toEqual(dataKey);
    expect(patience.waitedMs).toEqual([100, 400]);
  });

  it.each<[string, GcpFault[], string]>([
    ['throttles on', Array<GcpFault>(3).fill({ error: 'RESOURCE_EXHAUSTED', status: 429 }), 'throttled'],
    ['is broken', Array<GcpFault>(3).fill({ error: 'INTERNAL', status: 500 }), 'unreachable'],
    ['answers nonsense', ['nonsense'], 'unreachable'],
    ['answers other bytes than it summed up', ['lost-bytes'], 'unreachable'],
    ['forbids it', [{ error: 'PERMISSION_DENIED', status: 403 }], 'denied'],
    ['has disabled the version', [{ error: 'FAILED_PRECONDITION', status: 400 }], 'key_unusable'],
  ])('say what is in the way when KMS %s, and no damage', async (_, faults, trouble) => {
    const keys = await made('away');
    const wrapped = await keys.wrap(randomBytes(32), binding);
    kms.faults.push(...faults);
    expect(await troubleOf(keys.unwrap(wrapped, binding))).toBe(trouble);
  });

  it('do not seal under what arrived otherwise than it was sent', async () => {
    const keys = await made('lossy');
    kms.faults.push('lost-bytes');
    expect(await troubleOf(keys.wrap(randomBytes(32), binding))).toBe('unreachable');
  });

  it('are reached by a service account or by the metadata server, with one token until it ends', async () => {
    const key = kms.rotate('identity');
    for (const login of [await inFile(kms.serviceAccount()), atMetadata()]) {
      const asked = kms.asked.length;
      const keys = await open(key, new TestPatience(), login);
      const wrapped = await keys.wrap(randomBytes(32), binding);
      expect(kms.asked.slice(asked).filter((path) => path.endsWith('token'))).toHaveLength(1);
      kms.expireTokens();
      expect(await keys.unwrap(wrapped, binding)).toHaveLength(32);
      expect(kms.asked.slice(asked).filter((path) => path.endsWith('token'))).toHaveLength(2);
    }
  });

  it('are refused to the key of somebody else, in words that hold nothing of it or of the answer', async () => {
    const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2_048 });
    const login = await inFile(kms.serviceAccount(privateKey));
    const refused = open(kms.rotate('closed'), new TestPatience(), login);
    await expect(refused).rejects.toMatchObject({
      trouble: 'denied',
      message: 'Google gave no token (status 400)',
    });
  });

  it.each([
    [
      'is not there',
      async () => ({ kind: 'file' as const, path: '/nowhere.json' }),
      'cannot be read (ENOENT)',
    ],
    ['is no account', () => inFile('{"private_key":"canary"}'), "is not the JSON of a service account's key"],
  ])('cannot be opened by a file that %s; it is named, and not quoted', async (_, login, words) => {
    const error = String(
      await open('any', new TestPatience(), await login()).catch((thrown: unknown) => thrown),
    );
    expect(error).toContain(words);
    expect(error).not.toContain('canary');
  });

  it.each(['DISABLED', 'DESTROYED'] as const)('cannot be opened while the version is %s', async (state) => {
    const key = kms.rotate('off');
    kms.setState(key, state);
    await expect(open(key)).rejects.toThrow(`is ${state} in Google Cloud KMS`);
  });

  it('that do not exist are told', async () => {
    expect(await troubleOf(open('projects/p/locations/l/keyRings/r/cryptoKeys/nowhere'))).toBe(
      'key_unusable',
    );
  });
});

describe('CRC-32C', () => {
  // RFC 3720, B.4.
  it.each([
    ['32 zeros', Buffer.alloc(32), 0x8a9136aa],
    ['32 ones', Buffer.alloc(32, 0xff), 0x62a8ab43],
    ['0 to 31', Buffer.from(Array.from({ length: 32 }, (_, at) => at)), 0x46dd794e],
  ])('is the published one of %s', (_, bytes, sum) => {
    expect(crc32c(bytes)).toBe(sum);
  });
});
