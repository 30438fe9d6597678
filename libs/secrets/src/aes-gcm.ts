import { createCipheriv, createDecipheriv, randomBytes, type KeyObject } from 'node:crypto';

const algorithm = 'aes-256-gcm';
/** Bytes of a GCM nonce; random, so that no counter has to survive a restart. */
const nonceBytes = 12;
/** Full length always: GCM with shorter tags can be forged. */
const tagBytes = 16;

/** Bytes that {@link encrypt} adds to a text. */
export const overheadBytes = nonceBytes + tagBytes;

/**
 * Encrypts with AES-256-GCM.
 *
 * @param key 32 bytes
 * @param aad authenticated, not contained in the result
 * @returns nonce, ciphertext, tag
 */
export function encrypt(key: KeyObject | Buffer, plaintext: Buffer, aad: Buffer): Buffer {
  const nonce = randomBytes(nonceBytes);
  const cipher = createCipheriv(algorithm, key, nonce, { authTagLength: tagBytes }).setAAD(aad);
  return Buffer.concat([nonce, cipher.update(plaintext), cipher.final(), cipher.getAuthTag()]);
}

/**
 * Decrypts what {@link encrypt} made.
 *
 * @returns the plaintext, for the caller to scrub; `null` when key, aad or bytes are not the ones
 */
export function decrypt(key: KeyObject | Buffer, sealed: Buffer, aad: Buffer): Buffer | null {
  if (sealed.length < overheadBytes) return null;
  const nonce = sealed.subarray(0, nonceBytes);
  const tag = sealed.subarray(sealed.length - tagBytes);
  const decipher = createDecipheriv(algorithm, key, nonce, { authTagLength: tagBytes });
  decipher.setAAD(aad).setAuthTag(tag);
  const plaintext = decipher.update(sealed.subarray(nonceBytes, sealed.length - tagBytes));
  try {
    decipher.final();
    return plaintext;
  } catch {
    plaintext.fill(0);
    return null;
  }
}
