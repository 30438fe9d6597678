import { hash, timingSafeEqual } from 'node:crypto';

const digestBytes = 32;
/** Where a presented text's digest is laid to be compared: comparing is synchronous, so that one place is enough. */
const presentedDigest = Buffer.alloc(digestBytes);

/**
 * A secret text that is recognised but not kept: its SHA-256. For texts with so many random bits that a digest without
 * pepper, in memory alone, tells nothing about them. A sixth of the cost of an HMAC.
 */
export class TextDigest {
  readonly #digest: Buffer;

  constructor(text: string) {
    this.#digest = Buffer.from(digestOf(text), 'latin1');
  }

  /** Whether this is the text; in constant time, and through a hash that hides its length. */
  matches(presented: string): boolean {
    presentedDigest.write(digestOf(presented), 'latin1');
    return timingSafeEqual(presentedDigest, this.#digest);
  }
}

/** As a text of one character a byte: making a `Buffer` costs more than hashing. */
const digestOf = (text: string): string => hash('sha256', text, 'latin1');
