import {
  KeyEncryptionKeys,
  KeysUnreachable,
  type UnwrapFault,
  type WrappedKey,
} from '../key-encryption-keys.js';
import { crc32c } from './crc32c.js';
import type { GcpKmsClient } from './gcp-kms-client.js';

/**
 * Wraps data keys with a symmetric key of Google Cloud KMS, which never leaves it. The id of a key is `gcp.<name>.v<version>`;
 * the version that is primary at start stays ours until the next start. Versions that others of our processes met later are
 * asked for all the same. What is sent and what comes back is checked by CRC-32C.
 *
 * Source: the REST reference of Cloud KMS v1 (`cryptoKeys.get`, `encrypt`, `decrypt`).
 */
export class GcpKmsKeys extends KeyEncryptionKeys {
  private readonly prefix: string;

  private constructor(
    private readonly client: GcpKmsClient,
    private readonly key: string,
    private readonly version: number,
  ) {
    super();
    this.prefix = `gcp.${key.slice(key.lastIndexOf('/') + 1)}.v`;
  }

  /**
   * Reads which version is primary.
   *
   * @param key `projects/…/locations/…/keyRings/…/cryptoKeys/…`, the last name of up to 48 characters
   * @throws KeysUnreachable; `key_unusable` when its primary version is not enabled, or it is not for this
   */
  static async open(client: GcpKmsClient, key: string): Promise<GcpKmsKeys> {
    const answer = await client.ask(key, null);
    const primary = (answer?.['primary'] ?? {}) as Readonly<Record<string, unknown>>;
    const [, version] = /\/cryptoKeyVersions\/([1-9]\d{0,8})$/.exec(String(primary['name'])) ?? [];
    if (version === undefined || answer?.['purpose'] !== 'ENCRYPT_DECRYPT') {
      throw new KeysUnreachable(
        `"${key}" of Google Cloud KMS has no primary version to encrypt with`,
        'key_unusable',
      );
    }
    if (primary['state'] !== 'ENABLED') {
      const state = String(primary['state']);
      throw new KeysUnreachable(
        `version ${version} of "${key}" is ${state} in Google Cloud KMS`,
        'key_unusable',
      );
    }
    return new GcpKmsKeys(client, key, Number(version));
  }

  override get trouble(): string | null {
    return this.client.trouble;
  }

  get primaryId(): string {
    return `${this.prefix}${this.version}`;
  }

  has(keyId: string): boolean {
    return keyId.startsWith(this.prefix) && /^[1-9]\d{0,8}$/.test(keyId.slice(this.prefix.length));
  }

  async wrap(dataKey: Buffer, binding: Buffer): Promise<WrappedKey> {
    const answer = await this.client.ask(`${this.key}/cryptoKeyVersions/${this.version}:encrypt`, {
      plaintext: dataKey.toString('base64'),
      plaintextCrc32c: String(crc32c(dataKey)),
      ...boundTo(binding),
    });
    const wrapped = checked(answer, 'ciphertext');
    // Without both the service has not looked at what it was sent.
    const isVerified =
      answer?.['verifiedPlaintextCrc32c'] === true &&
      answer['verifiedAdditionalAuthenticatedDataCrc32c'] === true;
    if (wrapped === null || !isVerified)
      throw new KeysUnreachable('Google Cloud KMS did not encrypt what it was sent');
    return { keyId: this.primaryId, wrapped };
  }

  async unwrap({ keyId, wrapped }: WrappedKey, binding: Buffer): Promise<Buffer | UnwrapFault> {
    if (!this.has(keyId)) return 'unknown_key';
    if (wrapped.length === 0) return 'damaged';
    const answer = await this.client.ask(`${this.key}:decrypt`, {
      ciphertext: wrapped.toString('base64'),
      ciphertextCrc32c: String(crc32c(wrapped)),
      ...boundTo(binding),
    });
    if (answer === null) return 'damaged';
    const plaintext = checked(answer, 'plaintext');
    if (plaintext === null) throw new KeysUnreachable('what Google Cloud KMS decrypted did not arrive whole');
    return plaintext;
  }
}

const boundTo = (binding: Buffer) => ({
  additionalAuthenticatedData: binding.toString('base64'),
  additionalAuthenticatedDataCrc32c: String(crc32c(binding)),
});

/** Bytes of an answer; `null` when there are none, or are not those whose sum it tells. */
function checked(answer: Readonly<Record<string, unknown>> | null, name: string): Buffer | null {
  const text = answer?.[name];
  if (typeof text !== 'string') return null;
  const bytes = Buffer.from(text, 'base64');
  return String(answer?.[`${name}Crc32c`]) === String(crc32c(bytes)) ? bytes : null;
}
