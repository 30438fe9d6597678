import type { Secret } from '#kernel';
import type { UpstreamRequest } from '../contract/provider-adapter.js';

/** The same request with one header more. */
export const withHeader = (request: UpstreamRequest, name: string, value: string): UpstreamRequest => ({
  ...request,
  headers: { ...request.headers, [name]: value },
});

const withBearer = (request: UpstreamRequest, token: Secret) =>
  withHeader(request, 'authorization', `Bearer ${token.reveal()}`);

/** The same request with a token in its `authorization` header; at once when the token is there. */
export const withToken = (
  request: UpstreamRequest,
  token: Secret | Promise<Secret>,
): UpstreamRequest | Promise<UpstreamRequest> =>
  token instanceof Promise ? token.then((issued) => withBearer(request, issued)) : withBearer(request, token);
