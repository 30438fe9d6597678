/** A data key under a key-encryption key. */
export interface WrappedKey {
  readonly keyId: string;
  readonly wrapped: Buffer;
}

/** Why a data key did not come out: no key of that id here; or the bytes, the binding or the key are not the ones. */
export type UnwrapFault = 'unknown_key' | 'damaged';

/**
 * What is in the way of a remote holder of keys: it is away or too slow; it throttles; it does not let us in or forbids the
 * action; the key is disabled, to be deleted, or gone.
 */
export type KeysTrouble = 'unreachable' | 'throttled' | 'denied' | 'key_unusable';

/** A remote holder of keys does not serve. Nothing is known about what is sealed. */
export class KeysUnreachable extends Error {
  override readonly name = 'KeysUnreachable';

  constructor(
    message: string,
    readonly trouble: KeysTrouble = 'unreachable',
  ) {
    super(message);
  }
}

/**
 * Holds the keys that wrap data keys. Port; the default adapter is a local keyring, others may ask a KMS. Every
 * adapter passes the suite in `key-encryption-keys.contract.ts`.
 */
export abstract class KeyEncryptionKeys {
  /** Id of the key that {@link wrap} uses; 1 to 64 of `A-Z a-z 0-9 . _ -`. */
  abstract readonly primaryId: string;

  /** What people should look at, though nothing may have failed yet, in words without secrets; `null`: nothing. */
  get trouble(): string | null {
    return null;
  }

  /** Ends what the holder does by the clock. */
  close(): void {}

  /** Whether this holder has a key of that id, and so may unwrap what is under it. Asks nobody. */
  abstract has(keyId: string): boolean;

  /**
   * Wraps a data key under the primary key.
   *
   * @param dataKey 32 bytes; not changed, the caller scrubs it
   * @param binding authenticated with the wrapped key: unwrapping needs the same bytes
   * @throws KeysUnreachable
   */
  abstract wrap(dataKey: Buffer, binding: Buffer): Promise<WrappedKey>;

  /**
   * Unwraps a data key; the caller scrubs what it gets.
   *
   * @returns 32 bytes, or why not
   * @throws KeysUnreachable
   */
  abstract unwrap(key: WrappedKey, binding: Buffer): Promise<Buffer | UnwrapFault>;
}
