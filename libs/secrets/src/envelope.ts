import type { WrappedKey } from './key-encryption-keys.js';
import type { SealContext } from './secret-box.js';

/** First byte of every envelope; another layout gets another number. */
const version = 1;

/** The parts of a sealed text. */
export interface Envelope {
  readonly key: WrappedKey;
  /** Nonce, ciphertext and tag under the data key. */
  readonly sealed: Buffer;
}

/**
 * Writes an envelope: version (1 byte), length of the key id (1), key id, length of the wrapped key (2, big endian),
 * wrapped key, and the rest is the sealed text.
 */
export function encodeEnvelope({ key, sealed }: Envelope): Buffer {
  const keyId = Buffer.from(key.keyId, 'latin1');
  const wrappedLength = Buffer.alloc(2);
  wrappedLength.writeUInt16BE(key.wrapped.length);
  return Buffer.concat([Buffer.of(version, keyId.length), keyId, wrappedLength, key.wrapped, sealed]);
}

/** Reads an envelope. @returns its parts, views into `bytes`; `null` when it is none */
export function decodeEnvelope(bytes: Buffer): Envelope | null {
  if (bytes.length < 4 || bytes[0] !== version) return null;
  const keyIdEnd = 2 + bytes.readUInt8(1);
  if (keyIdEnd + 2 > bytes.length) return null;
  const wrappedEnd = keyIdEnd + 2 + bytes.readUInt16BE(keyIdEnd);
  if (wrappedEnd > bytes.length) return null;
  return {
    key: { keyId: bytes.toString('latin1', 2, keyIdEnd), wrapped: bytes.subarray(keyIdEnd + 2, wrappedEnd) },
    sealed: bytes.subarray(wrappedEnd),
  };
}

/**
 * What a sealed text is bound to: layout, key and cell. Each part has its length in front, so that no two contexts
 * give the same bytes.
 */
export function bindingOf(keyId: string, { table, column, rowId }: SealContext): Buffer {
  const parts = [keyId, table, column, rowId].flatMap((part) => {
    const bytes = Buffer.from(part);
    const length = Buffer.alloc(4);
    length.writeUInt32BE(bytes.length);
    return [length, bytes];
  });
  return Buffer.concat([Buffer.of(version), ...parts]);
}
