import { KeyEncryptionKeys, type UnwrapFault, type WrappedKey } from './key-encryption-keys.js';

/** Several holders of keys: one wraps, each unwraps what is under a key of its own. For moving from one to another. */
export class HeldKeys extends KeyEncryptionKeys {
  constructor(
    private readonly primary: KeyEncryptionKeys,
    private readonly others: readonly KeyEncryptionKeys[],
  ) {
    super();
  }

  get primaryId(): string {
    return this.primary.primaryId;
  }

  override get trouble(): string | null {
    const troubles = [this.primary, ...this.others].flatMap(({ trouble }) => trouble ?? []);
    return troubles.length === 0 ? null : troubles.join('; ');
  }

  override close(): void {
    for (const holder of [this.primary, ...this.others]) holder.close();
  }

  has(keyId: string): boolean {
    return this.holderOf(keyId) !== undefined;
  }

  wrap(dataKey: Buffer, binding: Buffer): Promise<WrappedKey> {
    return this.primary.wrap(dataKey, binding);
  }

  async unwrap(key: WrappedKey, binding: Buffer): Promise<Buffer | UnwrapFault> {
    return (await this.holderOf(key.keyId)?.unwrap(key, binding)) ?? 'unknown_key';
  }

  private holderOf(keyId: string): KeyEncryptionKeys | undefined {
    return [this.primary, ...this.others].find((holder) => holder.has(keyId));
  }
}
