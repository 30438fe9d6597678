import type { Secret } from '#kernel';
import { signedRequest } from '#secrets';
import type { UpstreamRequest } from '../../contract/provider-adapter.js';
import { withToken } from '../../request/with-token.js';
import { bedrockCredential, regionOf } from './credential.js';

/** A Bedrock API key goes into a header; an access key signs the final bytes. */
export function authorized(
  request: UpstreamRequest,
  credential: Secret,
  baseUrl: string,
  nowMs: number,
): UpstreamRequest | Promise<UpstreamRequest> {
  const parsed = bedrockCredential(credential);
  if ('apiKey' in parsed.identity) return withToken(request, parsed.identity.apiKey);
  const scope = { region: regionOf(baseUrl, parsed), service: 'bedrock' };
  return signedRequest(request, parsed.identity.accessKey, scope, nowMs);
}
