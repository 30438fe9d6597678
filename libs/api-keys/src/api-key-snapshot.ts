import { Injectable } from '@nestjs/common';
import type { ApiKeyId, Secret } from '#kernel';
import type { Caller } from './caller.js';

/** One secret of a key that may be used, as the verifier needs it. */
export interface VerifiableKey {
  readonly caller: Caller & { readonly apiKeyId: NonNullable<Caller['apiKeyId']> };
  /** HMAC-SHA-256 of the whole key, 32 bytes. */
  readonly hash: Buffer;
  readonly pepperId: string;
  /** ms since the epoch, of the key or of this secret, whichever is first; `Infinity`: never. */
  readonly expiresAtMs: number;
  /** The key itself, once the HMAC has proved it: recognised at less cost. In memory alone, as in every call that bears it. */
  proven: Secret | null;
}

/** One secret of a key that is revoked or disabled: whoever presents it is refused, and named. */
export type RefusedKey = Pick<VerifiableKey, 'hash' | 'pepperId'> & { readonly apiKeyId: ApiKeyId };

/** The secrets of all keys that are neither revoked nor disabled, by lookup id. */
export type VerifiableKeys = ReadonlyMap<string, VerifiableKey>;

/**
 * What this process knows of the keys. Replaced as a whole, so that nothing said of a key outlives a change of it; when the
 * database is gone the last state stays in force. As large as the table, whatever callers present.
 */
@Injectable()
export class ApiKeySnapshot {
  #keys: VerifiableKeys | null = null;
  #refused: ReadonlyMap<string, RefusedKey> = new Map();
  #inForce: ReadonlySet<ApiKeyId> = new Set();
  #lasting: ReadonlyMap<ApiKeyId, VerifiableKey> = new Map();

  /** Whether the keys were ever read: a process that has not yet is not ready to serve. */
  get isLoaded(): boolean {
    return this.#keys !== null;
  }

  get(keyId: string): VerifiableKey | undefined {
    return this.#keys?.get(keyId);
  }

  /** A secret of a key that is revoked or disabled. */
  refused(keyId: string): RefusedKey | undefined {
    return this.#refused.get(keyId);
  }

  /** Of a key the secret that ends last. */
  ofHolder(apiKeyId: ApiKeyId): VerifiableKey | undefined {
    return this.#lasting.get(apiKeyId);
  }

  /** The keys that are neither revoked nor disabled: another set after each change of any. */
  get inForce(): ReadonlySet<ApiKeyId> {
    return this.#inForce;
  }

  replace(keys: VerifiableKeys, refused: ReadonlyMap<string, RefusedKey> = new Map()): void {
    this.#keys = keys;
    this.#refused = refused;
    const byEnd = [...keys.values()].sort((a, b) => (a.expiresAtMs < b.expiresAtMs ? -1 : 1));
    this.#lasting = new Map(byEnd.map((key) => [key.caller.apiKeyId, key]));
    this.#inForce = new Set(this.#lasting.keys());
  }
}
