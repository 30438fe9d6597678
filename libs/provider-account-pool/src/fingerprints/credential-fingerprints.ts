import { Injectable } from '@nestjs/common';
import type { Secret } from '#kernel';
import { KeyPeppers } from '#secrets';
import { pastedIdentities, storedIdentities } from './credential-identities.js';

/** Keeps these hashes apart from those of other purposes under the same pepper. */
const purpose = 'provider credential 1\n';

/** Keyed hashes of a credential as they are kept beside it. */
export interface StoredFingerprints {
  readonly fingerprintPepperId: string;
  /** Hex; that of the whole credential first. */
  readonly fingerprints: string[];
}

/** Keyed hashes by which a provider credential is found again, and from which it cannot be told. */
@Injectable()
export class CredentialFingerprints {
  constructor(private readonly peppers: KeyPeppers) {}

  /** Of the peppers there are, the primary first. */
  get pepperIds(): readonly string[] {
    return this.peppers.ids;
  }

  /** What is kept of a credential, under the primary pepper. */
  of(credential: Secret): StoredFingerprints {
    const { primaryId } = this.peppers;
    const fingerprints = storedIdentities(credential).map((identity) => this.under(primaryId, identity));
    return { fingerprintPepperId: primaryId, fingerprints };
  }

  /** Of the whole credential, under each pepper: with which one it may have been kept before is not known. */
  wholeOf(credential: Secret): string[] {
    const [whole = ''] = storedIdentities(credential);
    return this.peppers.ids.map((id) => this.under(id, whole));
  }

  /** Everything a pasted text may be found by, under each pepper. */
  searchedFor(pasted: Secret): string[] {
    const identities = pastedIdentities(pasted);
    return this.peppers.ids.flatMap((id) => identities.map((identity) => this.under(id, identity)));
  }

  private under(pepperId: string, identity: string): string {
    const digest = this.peppers.digest(pepperId, purpose + identity);
    if (digest === null) throw new Error(`there is no pepper "${pepperId}"`);
    return digest.toString('hex');
  }
}
