import {
  KeyEncryptionKeys,
  KeysUnreachable,
  type UnwrapFault,
  type WrappedKey,
} from '../key-encryption-keys.js';
import type { AwsKmsClient } from './aws-kms-client.js';

/**
 * Wraps data keys with a symmetric key of AWS KMS, which never leaves it. The id of a key is `aws.<id in KMS>`: what KMS
 * rotates inside a key it tells apart itself. The binding is the encryption context, so that KMS authenticates it and
 * CloudTrail shows which cell was asked for.
 *
 * Source: the API reference of AWS KMS (`DescribeKey`, `Encrypt`, `Decrypt`).
 */
export class AwsKmsKeys extends KeyEncryptionKeys {
  private constructor(
    private readonly client: AwsKmsClient,
    private readonly arn: string,
    private readonly id: string,
  ) {
    super();
  }

  /**
   * Reads what the key is.
   *
   * @param key its id, ARN, alias or the ARN of an alias
   * @throws KeysUnreachable; `key_unusable` when it is disabled, to be deleted, or not for this
   */
  static async open(client: AwsKmsClient, key: string): Promise<AwsKmsKeys> {
    const { result } = await client.ask('DescribeKey', { KeyId: key });
    const { Arn: arn, KeyId: id, KeyState: state, KeySpec: spec } = recordOf(result?.['KeyMetadata']);
    if (typeof arn !== 'string' || typeof id !== 'string' || !/^[A-Za-z0-9-]{1,60}$/.test(id)) {
      throw new KeysUnreachable(`AWS KMS did not describe key "${key}"`);
    }
    if (state !== 'Enabled') {
      throw new KeysUnreachable(`key "${key}" of AWS KMS is ${String(state)}`, 'key_unusable');
    }
    if (spec !== undefined && spec !== 'SYMMETRIC_DEFAULT') {
      throw new KeysUnreachable(`key "${key}" of AWS KMS is ${String(spec)}, not symmetric`, 'key_unusable');
    }
    return new AwsKmsKeys(client, arn, id);
  }

  override get trouble(): string | null {
    return this.client.trouble;
  }

  get primaryId(): string {
    return `aws.${this.id}`;
  }

  has(keyId: string): boolean {
    return keyId === this.primaryId;
  }

  async wrap(dataKey: Buffer, binding: Buffer): Promise<WrappedKey> {
    const { result } = await this.client.ask('Encrypt', {
      KeyId: this.arn,
      Plaintext: dataKey.toString('base64'),
      EncryptionContext: contextOf(binding),
    });
    const ciphertext = result?.['CiphertextBlob'];
    if (typeof ciphertext !== 'string') throw new KeysUnreachable('AWS KMS did not encrypt');
    return { keyId: this.primaryId, wrapped: Buffer.from(ciphertext, 'base64') };
  }

  async unwrap({ keyId, wrapped }: WrappedKey, binding: Buffer): Promise<Buffer | UnwrapFault> {
    if (!this.has(keyId)) return 'unknown_key';
    if (wrapped.length === 0) return 'damaged';
    const { result } = await this.client.ask('Decrypt', {
      KeyId: this.arn,
      CiphertextBlob: wrapped.toString('base64'),
      EncryptionContext: contextOf(binding),
    });
    if (result === null) return 'damaged';
    const plaintext = result['Plaintext'];
    if (typeof plaintext !== 'string') throw new KeysUnreachable('AWS KMS did not decrypt');
    return Buffer.from(plaintext, 'base64');
  }
}

const contextOf = (binding: Buffer) => ({ cell: binding.toString('base64') });

const recordOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
