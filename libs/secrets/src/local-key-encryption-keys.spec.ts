import { randomBytes } from 'node:crypto';
import { Secret } from '#kernel';
import { keyEncryptionKeysContract } from './key-encryption-keys.contract.js';
import { Keyring } from './keyring.js';
import { LocalKeyEncryptionKeys } from './local-key-encryption-keys.js';

const key = (id: string) => ({ id, material: new Secret(randomBytes(32).toString('base64')) });
const older = key('2026-01');
const newer = key('2026-02');

keyEncryptionKeysContract('LocalKeyEncryptionKeys', {
  before: () => new LocalKeyEncryptionKeys(new Keyring([older])),
  after: () => new LocalKeyEncryptionKeys(new Keyring([newer, older])),
  foreign: () => new LocalKeyEncryptionKeys(new Keyring([key('foreign')])),
});
