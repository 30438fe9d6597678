import { createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { KeyPeppers } from '#secrets';
import type { Signature, SignatureCheck } from './public-keys.js';

/** What turns 32 bytes into the DER form of an Ed25519 private key (RFC 8410). */
const pkcs8Head = Buffer.from('302e020100300506032b657004220420', 'hex');
const purpose = 'audit signing key 1';

/**
 * Signs what leaves the database. The Ed25519 keys are derived from the peppers: replicas that share those share these, no
 * further file must be kept, and auditors get the public part, with which they can check and not sign.
 */
@Injectable()
export class SigningKeys implements SignatureCheck {
  private readonly keys = new Map<string, KeyObject>();

  constructor(private readonly peppers: KeyPeppers) {}

  sign(text: string): Signature {
    const keyId = this.peppers.primaryId;
    const signature = sign(null, Buffer.from(text), this.privateKey(keyId)).toString('base64');
    return { keyId, signature };
  }

  /** @returns `false` for another text, a damaged signature, or a key there is no pepper for any more */
  isSignatureOf(text: string, { keyId, signature }: Signature): boolean {
    if (!this.peppers.has(keyId)) return false;
    const key = createPublicKey(this.privateKey(keyId));
    return verify(null, Buffer.from(text), key, Buffer.from(signature, 'base64'));
  }

  /** The public keys, PEM, by id. */
  publicKeys(): ReadonlyMap<string, string> {
    const pem = (id: string): string =>
      createPublicKey(this.privateKey(id)).export({ type: 'spki', format: 'pem' }).toString();
    return new Map(this.peppers.ids.map((id) => [id, pem(id)]));
  }

  private privateKey(pepperId: string): KeyObject {
    const known = this.keys.get(pepperId);
    if (known !== undefined) return known;
    const seed = this.peppers.digest(pepperId, purpose);
    if (seed === null) throw new Error(`there is no pepper "${pepperId}"`);
    const key = createPrivateKey({ key: Buffer.concat([pkcs8Head, seed]), format: 'der', type: 'pkcs8' });
    this.keys.set(pepperId, key);
    return key;
  }
}
