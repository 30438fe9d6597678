import { createHmac } from 'node:crypto';
import type { NamedKey } from '#config';
import { Keyring } from './keyring.js';

/**
 * Secret keys for hashing what is looked up but never read back (system API keys). Versioned: each hash is stored
 * with the id of its pepper. Synchronous, about 2 us a digest.
 */
export class KeyPeppers {
  readonly #keyring: Keyring;

  constructor(keyring: Keyring) {
    this.#keyring = keyring;
  }

  /** @throws RangeError when there is none, an id is wrong or occurs twice, or a pepper is not 32 bytes */
  static of(peppers: readonly NamedKey[]): KeyPeppers {
    return new KeyPeppers(new Keyring(peppers));
  }

  /** Id of the pepper for new hashes. */
  get primaryId(): string {
    return this.#keyring.primaryId;
  }

  /** Of all peppers, the primary first. */
  get ids(): readonly string[] {
    return this.#keyring.ids;
  }

  /** Whether there is a pepper of that id. */
  has(pepperId: string): boolean {
    return this.#keyring.get(pepperId) !== undefined;
  }

  /**
   * HMAC-SHA-256 of the text under a pepper.
   *
   * @returns 32 bytes, or `null` when there is no pepper of that id
   */
  digest(pepperId: string, text: string): Buffer | null {
    const pepper = this.#keyring.get(pepperId);
    return pepper === undefined ? null : createHmac('sha256', pepper).update(text).digest();
  }
}
