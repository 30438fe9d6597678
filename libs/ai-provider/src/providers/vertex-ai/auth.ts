import { SignJWT } from 'jose';
import type { TokenExchange } from '../../contract/provider-adapter.js';
import { endpointOf } from '../../request/base-url.js';
import { formRequest, readOAuthToken } from '../../request/oauth-token.js';
import type { ServiceAccount } from './credential.js';

const scope = 'https://www.googleapis.com/auth/cloud-platform';
/** An assertion may live for an hour at most. */
const assertionLifeSeconds = 3_600;

/** How a service account gets its tokens: an assertion signed with its key (RFC 7523). */
export const serviceAccountExchange = (account: ServiceAccount): TokenExchange => ({
  request: async (nowMs) => {
    const { origin, prefix } = endpointOf(account.tokenUri);
    const issuedAt = Math.floor(nowMs / 1_000);
    const assertion = await new SignJWT({ scope })
      .setProtectedHeader({ alg: 'RS256', typ: 'JWT', ...(account.keyId && { kid: account.keyId }) })
      .setIssuer(account.email)
      .setAudience(account.tokenUri)
      .setIssuedAt(issuedAt)
      .setExpirationTime(issuedAt + assertionLifeSeconds)
      .sign(account.key);
    const grant = 'urn:ietf:params:oauth:grant-type:jwt-bearer';
    return formRequest(origin, prefix, { grant_type: grant, assertion });
  },
  read: readOAuthToken,
});
