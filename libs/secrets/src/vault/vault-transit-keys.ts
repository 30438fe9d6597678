import {
  KeyEncryptionKeys,
  KeysUnreachable,
  type UnwrapFault,
  type WrappedKey,
} from '../key-encryption-keys.js';
import type { TokenKeeper } from './token-keeper.js';
import type { VaultClient } from './vault-client.js';

/** A key of Vault's Transit engine. */
export interface TransitKey {
  /** Where the engine is mounted; `transit` is usual. */
  readonly mount: string;
  /** 1 to 48 of `A-Z a-z 0-9 . _ -`; of a type that authenticates additional data, such as `aes256-gcm96`. */
  readonly name: string;
}

const wrappedPattern = /^vault:v(\d+):([A-Za-z0-9+/]+={0,2})$/;

/**
 * Wraps data keys with Vault's Transit engine; the key-encryption key never leaves Vault. The id of a key is `<name>.v<version>`.
 * The version that is the newest at start is the primary until the next start, so that all of a process is sealed under one.
 *
 * Source: the HTTP API of the Transit secrets engine (`encrypt`, `decrypt`, read key).
 */
export class VaultTransitKeys extends KeyEncryptionKeys {
  private constructor(
    private readonly client: VaultClient,
    private readonly key: TransitKey,
    private readonly oldest: number,
    private readonly newest: number,
    private readonly keeper: Pick<TokenKeeper, 'trouble' | 'stop'> | null,
  ) {
    super();
  }

  /**
   * Reads which versions there are.
   *
   * @param keeper of the token, where there is one
   * @throws KeysUnreachable, or RangeError when there is no such key
   */
  static async open(
    client: VaultClient,
    key: TransitKey,
    keeper: Pick<TokenKeeper, 'trouble' | 'stop'> | null = null,
  ): Promise<VaultTransitKeys> {
    const { status, data } = await client.ask(`${key.mount}/keys/${key.name}`, null);
    const { latest_version: newest, min_decryption_version: oldest } = data;
    if (typeof newest !== 'number' || typeof oldest !== 'number') {
      throw new RangeError(`Vault has no key "${key.name}" at "${key.mount}" (status ${status})`);
    }
    return new VaultTransitKeys(client, key, Math.max(oldest, 1), newest, keeper);
  }

  override get trouble(): string | null {
    return this.client.trouble ?? this.keeper?.trouble ?? null;
  }

  override close(): void {
    this.keeper?.stop();
  }

  get primaryId(): string {
    return `${this.key.name}.v${this.newest}`;
  }

  has(keyId: string): boolean {
    const version = this.versionOf(keyId);
    return version !== null && version >= this.oldest && version <= this.newest;
  }

  async wrap(dataKey: Buffer, binding: Buffer): Promise<WrappedKey> {
    const { status, data } = await this.client.ask(`${this.key.mount}/encrypt/${this.key.name}`, {
      plaintext: dataKey.toString('base64'),
      associated_data: binding.toString('base64'),
      key_version: this.newest,
    });
    const [, version, text = ''] = wrappedPattern.exec(String(data['ciphertext'])) ?? [];
    if (Number(version) !== this.newest)
      throw new KeysUnreachable(`Vault did not encrypt (status ${status})`);
    return { keyId: this.primaryId, wrapped: Buffer.from(text, 'base64') };
  }

  async unwrap({ keyId, wrapped }: WrappedKey, binding: Buffer): Promise<Buffer | UnwrapFault> {
    if (!this.has(keyId)) return 'unknown_key';
    if (wrapped.length === 0) return 'damaged';
    const { status, data } = await this.client.ask(`${this.key.mount}/decrypt/${this.key.name}`, {
      ciphertext: `vault:v${this.versionOf(keyId)}:${wrapped.toString('base64')}`,
      associated_data: binding.toString('base64'),
    });
    if (status === 400) return 'damaged';
    const plaintext = data['plaintext'];
    if (typeof plaintext !== 'string') throw new KeysUnreachable(`Vault did not decrypt (status ${status})`);
    return Buffer.from(plaintext, 'base64');
  }

  private versionOf(keyId: string): number | null {
    const prefix = `${this.key.name}.v`;
    const version = keyId.startsWith(prefix) ? keyId.slice(prefix.length) : '';
    return /^[1-9]\d{0,8}$/.test(version) ? Number(version) : null;
  }
}
