import { decrypt, encrypt } from './aes-gcm.js';
import { KeyEncryptionKeys, type UnwrapFault, type WrappedKey } from './key-encryption-keys.js';
import type { Keyring } from './keyring.js';

/** Key-encryption keys in this process's memory, from the environment or the key file. */
export class LocalKeyEncryptionKeys extends KeyEncryptionKeys {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    super();
    this.#keyring = keyring;
  }

  get primaryId(): string {
    return this.#keyring.primaryId;
  }

  has(keyId: string): boolean {
    return this.#keyring.get(keyId) !== undefined;
  }

  async wrap(dataKey: Buffer, binding: Buffer): Promise<WrappedKey> {
    const keyId = this.primaryId;
    const key = this.#keyring.get(keyId);
    if (key === undefined) throw new Error(`the keyring lost its primary key "${keyId}"`);
    return { keyId, wrapped: encrypt(key, dataKey, binding) };
  }

  async unwrap({ keyId, wrapped }: WrappedKey, binding: Buffer): Promise<Buffer | UnwrapFault> {
    const key = this.#keyring.get(keyId);
    if (key === undefined) return 'unknown_key';
    return decrypt(key, wrapped, binding) ?? 'damaged';
  }
}
