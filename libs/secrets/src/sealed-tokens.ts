import { Injectable } from '@nestjs/common';
import { decrypt, encrypt } from './aes-gcm.js';
import { KeyPeppers } from './key-peppers.js';

/** Far beyond any that is given out; a longer one is not looked at. */
const longestToken = 8_192;

/**
 * Seals what a client carries for us and brings back: it can neither read nor change it. The keys are derived from the peppers,
 * which all replicas share: no memory is needed to open what another has sealed. About 10 us a token.
 */
@Injectable()
export class SealedTokens {
  constructor(private readonly peppers: KeyPeppers) {}

  /**
   * @param purpose what the token is for; it opens for no other
   * @returns `<id of the pepper>.<nonce, ciphertext and tag>`, of characters that need no escape in a URL
   */
  seal(purpose: string, text: string): string {
    const { primaryId } = this.peppers;
    const key = this.keyFor(primaryId, purpose);
    if (key === null) throw new Error('the primary pepper is gone');
    const sealed = encrypt(key, Buffer.from(text), Buffer.from(purpose));
    return `${primaryId}.${sealed.toString('base64url')}`;
  }

  /** @returns `null` for everything that was not sealed for this purpose, or under a pepper that is gone; never throws */
  open(purpose: string, token: string): string | null {
    const dot = token.lastIndexOf('.');
    const key = dot < 1 || token.length > longestToken ? null : this.keyFor(token.slice(0, dot), purpose);
    if (key === null) return null;
    const sealed = Buffer.from(token.slice(dot + 1), 'base64url');
    return decrypt(key, sealed, Buffer.from(purpose))?.toString() ?? null;
  }

  private keyFor(pepperId: string, purpose: string): Buffer | null {
    return this.peppers.digest(pepperId, `key for sealed tokens: ${purpose}`);
  }
}
