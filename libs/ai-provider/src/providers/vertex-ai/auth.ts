import { serviceAccountAssertion } from '#secrets';
import type { TokenExchange } from '../../contract/provider-adapter.js';
import { endpointOf } from '../../request/base-url.js';
import { formRequest, readOAuthToken } from '../../request/oauth-token.js';
import type { ServiceAccount } from './credential.js';

/** How a service account gets its tokens. */
export const serviceAccountExchange = (account: ServiceAccount): TokenExchange => ({
  request: async (nowMs) => {
    const { origin, prefix } = endpointOf(account.tokenUri);
    const fields = await serviceAccountAssertion(account, nowMs);
    return formRequest(origin, prefix, fields);
  },
  read: readOAuthToken,
});
