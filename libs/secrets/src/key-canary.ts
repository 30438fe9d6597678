import { Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Secret } from '#kernel';
import { Logger } from '#observability';
import { KeyEncryptionKeys } from './key-encryption-keys.js';
import { KeyCanaryRepository } from './persistence/key-canary.repository.js';
import { SecretBox } from './secret-box.js';

/**
 * Whether the key that once sealed secrets in this database is here: `missing`, there is no key of its id; `wrong`,
 * another key has its id. In both cases what it sealed cannot be read.
 */
export interface KeyCheck {
  readonly keyId: string;
  readonly state: 'ok' | 'missing' | 'wrong';
}

const text = 'canary';
const cellOf = (keyId: string) => ({ table: 'key_canaries', column: 'sealed', rowId: keyId });

/**
 * Finds out at start that a key-encryption key is lost or mistaken, by opening a known text that each primary key sealed
 * when it was first used. Never stops the process: what needs no lost key goes on working.
 */
@Injectable()
export class KeyCanary implements OnApplicationBootstrap {
  constructor(
    private readonly canaries: KeyCanaryRepository,
    private readonly box: SecretBox,
    private readonly keys: KeyEncryptionKeys,
    private readonly logger: Logger,
  ) {}

  async onApplicationBootstrap(): Promise<void> {
    try {
      await this.check();
    } catch (error) {
      this.logger.error('could not check the encryption keys against the database', { error });
    }
  }

  /**
   * Checks every key that this database knows; logs an error for each that cannot be used.
   *
   * @throws whatever the database throws
   */
  async check(): Promise<readonly KeyCheck[]> {
    const { primaryId } = this.keys;
    await this.canaries.addIfAbsent(primaryId, await this.box.seal(new Secret(text), cellOf(primaryId)));
    const rows = await this.canaries.all();
    const checks = await Promise.all(rows.map(({ keyId, sealed }) => this.checkOne(keyId, sealed)));
    for (const { keyId, state } of checks) {
      if (state !== 'ok') this.logger.error(`encryption key is ${state}: ${consequence}`, { keyId });
    }
    return checks;
  }

  private async checkOne(keyId: string, sealed: Buffer): Promise<KeyCheck> {
    const opened = await this.box.open(sealed, cellOf(keyId));
    if (opened instanceof Secret) return { keyId, state: 'ok' };
    return { keyId, state: opened.reason === 'unknown_key' ? 'missing' : 'wrong' };
  }
}

const consequence =
  'credentials sealed with it cannot be read until ENCRYPTION_KEYS, or the keyring file, holds it again';
