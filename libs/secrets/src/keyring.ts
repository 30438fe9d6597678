import { createSecretKey, type KeyObject } from 'node:crypto';
import { Secret } from '#kernel';
import type { NamedKey } from '#config';

const idPattern = /^[A-Za-z0-9._-]{1,64}$/;
const keyBytes = 32;

/**
 * Named 256-bit keys, the first being the primary: new things are made with it, the others only read what is older.
 * The material lives in `KeyObject`s, which print nothing. Immutable.
 */
export class Keyring {
  readonly primaryId: string;
  readonly #keys: ReadonlyMap<string, KeyObject>;

  /**
   * @param keys at least one; ids of 1 to 64 characters out of letters, digits, `.`, `_`, `-`, each once
   * @throws RangeError when there is none, an id is wrong or occurs twice, or a key is not 32 bytes
   */
  constructor(keys: readonly NamedKey[]) {
    const [primary] = keys;
    if (primary === undefined) throw new RangeError('a keyring needs at least one key');
    const byId = new Map<string, KeyObject>();
    for (const { id, material } of keys) {
      if (!idPattern.test(id)) throw new RangeError(`"${id}" is no key id: 1 to 64 of A-Z a-z 0-9 . _ -`);
      if (byId.has(id)) throw new RangeError(`key id "${id}" occurs twice`);
      byId.set(id, keyObjectOf(id, material));
    }
    this.primaryId = primary.id;
    this.#keys = byId;
  }

  /** Of all keys, the primary first. */
  get ids(): readonly string[] {
    return [...this.#keys.keys()];
  }

  /** @returns the key, or `undefined` when the ring has none of that id */
  get(id: string): KeyObject | undefined {
    return this.#keys.get(id);
  }
}

function keyObjectOf(id: string, material: Secret): KeyObject {
  const bytes = Buffer.from(material.reveal(), 'base64');
  try {
    if (bytes.length !== keyBytes) {
      throw new RangeError(`key "${id}" has ${bytes.length} bytes, it needs ${keyBytes} in base64`);
    }
    return createSecretKey(bytes);
  } finally {
    bytes.fill(0);
  }
}

/**
 * Reads the text of a key file: one `<id>:<base64 of 32 bytes>` a line, the first is primary; empty lines and lines
 * that start with `#` are skipped.
 *
 * @throws RangeError when a line has no colon; names the line's number, never its text
 */
export function parseKeyLines(text: string): NamedKey[] {
  return text.split(/\r?\n/).flatMap((line, index) => {
    const entry = line.trim();
    if (entry === '' || entry.startsWith('#')) return [];
    const colon = entry.indexOf(':');
    if (colon < 1) throw new RangeError(`line ${index + 1} is not <id>:<base64 of 32 bytes>`);
    return [{ id: entry.slice(0, colon), material: new Secret(entry.slice(colon + 1)) }];
  });
}

/**
 * Writes a key file that holds one fresh key.
 *
 * @param what the file's meaning, for the comment at its head
 * @param randomBytes a cryptographic source; asked for 4 bytes (the id) and 32 (the key)
 */
export function newKeyLines(what: string, randomBytes: (count: number) => Buffer): string {
  const id = `k${randomBytes(4).toString('hex')}`;
  return `# ${what}. The first line is primary. Back this file up.\n${id}:${randomBytes(keyBytes).toString('base64')}\n`;
}
