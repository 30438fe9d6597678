import type { KeyObject } from 'node:crypto';
import { SignJWT } from 'jose';

/** Who signs an assertion. */
export interface AssertingAccount {
  readonly email: string;
  readonly keyId: string | null;
  /** RSA. */
  readonly key: KeyObject;
  /** Who issues its tokens. */
  readonly tokenUri: string;
}

const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** An assertion may live for an hour at most. */
const assertionLifeSeconds = 3_600;

/** The form by which a service account of Google asks for a token: an assertion signed with its key (RFC 7523). */
export async function serviceAccountAssertion(
  account: AssertingAccount,
  nowMs: number,
): Promise<Readonly<Record<string, string>>> {
  const issuedAt = Math.floor(nowMs / 1_000);
  const assertion = await new SignJWT({ scope })
    .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(account.keyId && { kid: account.keyId }) })
    .setIssuer(account.email)
    .setAudience(account.tokenUri)
    .setIssuedAt(issuedAt)
    .setExpirationTime(issuedAt + assertionLifeSeconds)
    .sign(account.key);
  return { grant_type: 'urn:ietf:params:oauth:grant-type:jwt-bearer', assertion };
}
