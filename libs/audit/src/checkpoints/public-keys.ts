import { createPublicKey, verify, type KeyObject } from 'node:crypto';

/** A signature and the key it was made with. */
export interface Signature {
  readonly keyId: string;
  /** Ed25519, base64. */
  readonly signature: string;
}

/** Whoever can tell our signatures from others. */
export interface SignatureCheck {
  /** @returns `false` for another text, a damaged signature, or a key that is not known */
  isSignatureOf(text: string, signature: Signature): boolean;
}

/** The public keys alone, as `npm run audit -- public-key` prints them: who has these can check and not sign. */
export class PublicKeys implements SignatureCheck {
  private readonly keys: ReadonlyMap<string, KeyObject>;

  /** @param keys PEM by id */
  constructor(keys: ReadonlyMap<string, string>) {
    this.keys = new Map([...keys].map(([id, pem]) => [id, createPublicKey(pem)]));
  }

  /**
   * Reads `# <id>` lines, each followed by a key in PEM.
   *
   * @throws Error when there is no key, or one is damaged
   */
  static read(text: string): PublicKeys {
    const keys = [...text.matchAll(printedKey)].map(({ 1: id = '', 2: pem = '' }) => [id, pem] as const);
    if (keys.length === 0) throw new Error('There is no public key of the audit log in that file.');
    return new PublicKeys(new Map(keys));
  }

  isSignatureOf(text: string, { keyId, signature }: Signature): boolean {
    const key = this.keys.get(keyId);
    return key !== undefined && verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  }
}

const printedKey = /^# (\S+)\r?\n(-----BEGIN PUBLIC KEY-----[^-]+-----END PUBLIC KEY-----)/gm;
