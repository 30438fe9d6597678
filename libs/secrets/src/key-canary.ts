import { Inject, Injectable, type OnApplicationBootstrap } from '@nestjs/common';
import { Secret } from '#kernel';
import { Logger } from '#observability';
import { KeyEncryptionKeys } from './key-encryption-keys.js';
import { KeyCanaryRepository } from './persistence/key-canary.repository.js';
import { SealedRows } from './persistence/sealed-rows.js';
import { SecretBox, type Unreadable } from './secret-box.js';

/**
 * Whether the key that once sealed secrets in this database is here: `missing`, there is no key of its id; `wrong`,
 * another key has its id; `unreachable`, its holder is away. In each case what it sealed cannot be read, in the last one for now.
 */
export interface KeyCheck {
  readonly keyId: string;
  readonly state: 'ok' | 'missing' | 'wrong' | 'unreachable';
}

const text = 'canary';
const cellOf = (keyId: string) => ({ table: 'key_canaries', column: 'sealed', rowId: keyId });

/** Injection token of the ids of keys that are lost for good, a `ReadonlySet<string>`. */
export const LOST_KEYS = Symbol('LostKeys');

/**
 * Finds out at start that a key-encryption key is lost or mistaken, by opening a known text that each primary key sealed
 * when it was first used. A key that still seals something cannot be dropped: the start is refused, unless people say that
 * it is lost. What needs no lost key then goes on working.
 */
@Injectable()
export class KeyCanary implements OnApplicationBootstrap {
  constructor(
    private readonly canaries: KeyCanaryRepository,
    private readonly box: SecretBox,
    private readonly keys: KeyEncryptionKeys,
    private readonly rows: SealedRows,
    private readonly logger: Logger,
    @Inject(LOST_KEYS) private readonly lost: ReadonlySet<string>,
  ) {}

  /** @throws Error naming each key that is not here but seals something, how much, and the remedy */
  async onApplicationBootstrap(): Promise<void> {
    const missed = await this.missedKeys().catch((error: unknown) => {
      this.logger.error('could not check the encryption keys against the database', { error });
      return new Map<string, number>();
    });
    if (missed.size > 0) throw new Error(refusal(missed));
  }

  /**
   * Checks every key that this database knows; logs an error for each that cannot be used.
   *
   * @throws whatever the database throws
   */
  async check(): Promise<readonly KeyCheck[]> {
    const { primaryId } = this.keys;
    const known = await this.canaries.all();
    if (!known.some(({ keyId }) => keyId === primaryId)) {
      const sealed = await this.box.seal(new Secret(text), cellOf(primaryId));
      await this.canaries.addIfAbsent(primaryId, sealed);
    }
    const rows = await this.canaries.all();
    const checks = await Promise.all(rows.map(({ keyId, sealed }) => this.checkOne(keyId, sealed)));
    for (const { keyId, state } of checks) {
      if (state !== 'ok') this.logger.error(`encryption key is ${state}: ${consequence}`, { keyId });
    }
    return checks;
  }

  /** How many rows each key seals that is not here, or is another key. */
  private async missedKeys(): Promise<Map<string, number>> {
    const wrong = (await this.check()).filter(({ state }) => state === 'wrong').map(({ keyId }) => keyId);
    const missed = new Map<string, number>();
    for (const { keyId, rows } of await this.rows.counts()) {
      if (keyId === null || this.lost.has(keyId)) continue;
      const isHere = this.keys.has(keyId) && !wrong.includes(keyId);
      if (!isHere) missed.set(keyId, (missed.get(keyId) ?? 0) + rows);
    }
    return missed;
  }

  private async checkOne(keyId: string, sealed: Buffer): Promise<KeyCheck> {
    const opened = await this.box.open(sealed, cellOf(keyId));
    if (opened instanceof Secret) return { keyId, state: 'ok' };
    return { keyId, state: stateOf(opened.reason) };
  }
}

function stateOf(reason: Unreadable['reason']): KeyCheck['state'] {
  if (reason === 'keys_unreachable') return 'unreachable';
  return reason === 'unknown_key' ? 'missing' : 'wrong';
}

const consequence =
  'credentials sealed with it cannot be read until ENCRYPTION_KEYS, or the keyring file, holds it again';

function refusal(missed: ReadonlyMap<string, number>): string {
  const keys = [...missed].map(([id, rows]) => `"${id}" (${rows} rows)`).join(', ');
  const ids = [...missed.keys()].join(',');
  return (
    `encryption keys that stored secrets are sealed with are not here, or are other keys: ${keys}. Put them back into ` +
    `ENCRYPTION_KEYS or the keyring file; if they are lost for good, set LOST_ENCRYPTION_KEYS=${ids} and give the accounts ` +
    `they sealed new credentials`
  );
}
