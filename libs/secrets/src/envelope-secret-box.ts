import { randomBytes } from 'node:crypto';
import { DomainError, Secret } from '#kernel';
import { decrypt, encrypt } from './aes-gcm.js';
import { bindingOf, decodeEnvelope, encodeEnvelope } from './envelope.js';
import { KeysUnreachable, type KeyEncryptionKeys } from './key-encryption-keys.js';
import { SecretBox, type SealContext, type Unreadable } from './secret-box.js';

const unreadable = (reason: Unreadable['reason']): Unreadable => ({ unreadable: true, reason });

const cannotSeal = (cause: KeysUnreachable): DomainError =>
  new DomainError(
    'storage_unavailable',
    'Whoever holds the encryption keys cannot be reached; the change was not made.',
    { cause },
  );

/**
 * Envelope encryption: each seal has a fresh data key, wrapped by the primary key-encryption key. Data keys and
 * plaintext buffers are overwritten after use; the text inside a {@link Secret} lives until it is collected.
 */
export class EnvelopeSecretBox extends SecretBox {
  readonly #keys: KeyEncryptionKeys;

  constructor(keys: KeyEncryptionKeys) {
    super();
    this.#keys = keys;
  }

  async seal(secret: Secret, context: SealContext): Promise<Buffer> {
    const binding = bindingOf(this.#keys.primaryId, context);
    const dataKey = randomBytes(32);
    const plaintext = Buffer.from(secret.reveal());
    try {
      const key = await this.#keys.wrap(dataKey, binding);
      return encodeEnvelope({ key, sealed: encrypt(dataKey, plaintext, binding) });
    } catch (error) {
      throw error instanceof KeysUnreachable ? cannotSeal(error) : error;
    } finally {
      dataKey.fill(0);
      plaintext.fill(0);
    }
  }

  async open(envelope: Buffer, context: SealContext): Promise<Secret | Unreadable> {
    const parts = decodeEnvelope(envelope);
    if (parts === null) return unreadable('malformed');
    const binding = bindingOf(parts.key.keyId, context);
    const dataKey = await this.#keys.unwrap(parts.key, binding).catch((error: unknown) => {
      if (error instanceof KeysUnreachable) return 'keys_unreachable' as const;
      throw error;
    });
    if (typeof dataKey === 'string') return unreadable(dataKey);
    const plaintext = decrypt(dataKey, parts.sealed, binding);
    dataKey.fill(0);
    if (plaintext === null) return unreadable('damaged');
    const secret = new Secret(plaintext.toString());
    plaintext.fill(0);
    return secret;
  }
}
