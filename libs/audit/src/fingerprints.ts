import { Injectable } from '@nestjs/common';
import type { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';

/** Keeps these hashes apart from those of other purposes under the same pepper. */
const purpose = 'audit fingerprint 1\n';

/** Keyed hashes by which the events of a secret are found, and from which the secret cannot be. */
@Injectable()
export class Fingerprints {
  constructor(private readonly peppers: KeyPeppers) {}

  /** Under the primary pepper: `<pepper id>:<hex>`. */
  of(secret: Secret): string {
    return this.under(this.peppers.primaryId, secret);
  }

  /** Under each pepper there is: which one an event was written with is not known beforehand. */
  allOf(secret: Secret): string[] {
    return this.peppers.ids.map((id) => this.under(id, secret));
  }

  private under(pepperId: string, secret: Secret): string {
    const digest = this.peppers.digest(pepperId, purpose + secret.reveal());
    if (digest === null) throw new Error(`there is no pepper "${pepperId}"`);
    return `${pepperId}:${digest.toString('hex')}`;
  }
}
