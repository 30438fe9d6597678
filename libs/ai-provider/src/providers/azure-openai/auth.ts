import type { TokenExchange } from '../../contract/provider-adapter.js';
import { endpointOf } from '../../request/base-url.js';
import { formRequest, readOAuthToken } from '../../request/oauth-token.js';
import type { EntraApplication } from './credential.js';

/** How an application gets its tokens: `client_credentials` of OAuth 2.0 at the endpoint of its tenant. */
export const entraExchange = (application: EntraApplication): TokenExchange => ({
  request: () => {
    const { origin, prefix } = endpointOf(application.authority);
    return formRequest(origin, `${prefix}/${encodeURIComponent(application.tenantId)}/oauth2/v2.0/token`, {
      grant_type: 'client_credentials',
      client_id: application.clientId,
      client_secret: application.clientSecret.reveal(),
      scope: application.scope,
    });
  },
  read: readOAuthToken,
});
