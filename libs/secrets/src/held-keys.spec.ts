import { randomBytes } from 'node:crypto';
import { Secret } from '#kernel';
import { HeldKeys } from './held-keys.js';
import { keyEncryptionKeysContract } from './key-encryption-keys.contract.js';
import { Keyring } from './keyring.js';
import { LocalKeyEncryptionKeys } from './local-key-encryption-keys.js';

const holder = (id: string) =>
  new LocalKeyEncryptionKeys(new Keyring([{ id, material: new Secret(randomBytes(32).toString('base64')) }]));
const [older, newer] = [holder('older'), holder('newer')];

keyEncryptionKeysContract('HeldKeys', {
  before: () => new HeldKeys(older, []),
  after: () => new HeldKeys(newer, [older]),
  foreign: () => new HeldKeys(holder('foreign'), []),
});
