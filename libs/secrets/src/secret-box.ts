import type { Secret } from '#kernel';

/** Which cell of the database a sealed text belongs to; bound to the ciphertext, so that it opens nowhere else. */
export interface SealContext {
  readonly table: string;
  readonly column: string;
  readonly rowId: string;
}

/** Opening failed: another key, another row, damaged bytes, or nobody to ask for the key, which may pass. The reason is for people, it holds no secret. */
export interface Unreadable {
  readonly unreadable: true;
  readonly reason: 'unknown_key' | 'damaged' | 'malformed' | 'keys_unreachable';
}

/** Seals secrets for the database and opens them again. */
export abstract class SecretBox {
  /** @returns the envelope: a version, the id of the key-encryption key, the wrapped data key, nonce, ciphertext, tag. @throws DomainError `storage_unavailable` when a remote holder of keys cannot be reached */
  abstract seal(secret: Secret, context: SealContext): Promise<Buffer>;
  /** A sealed text that cannot be opened is a value, never a crash: the account shows it as its state. */
  abstract open(envelope: Buffer, context: SealContext): Promise<Secret | Unreadable>;
}
