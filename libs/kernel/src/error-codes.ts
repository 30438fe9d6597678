/**
 * Every error this product answers with: its HTTP status and when it is met. The one catalogue: the edge answers from it,
 * usage records count by it, and docs/failure-modes.md is checked against it.
 */
export const errorCodes = {
  invalid_request: {
    status: 400,
    when: 'The request cannot be understood: malformed JSON, a missing or wrong field.',
  },
  unsupported_media_type: { status: 415, when: 'The body has a content type the route does not take.' },
  request_too_large: { status: 413, when: 'The body is larger than the configured limit.' },
  request_timeout: { status: 408, when: 'The client took too long to send its request.' },
  not_found: { status: 404, when: 'There is no such route or resource.' },
  method_not_allowed: { status: 405, when: 'The path exists, the method does not.' },
  conflict: {
    status: 409,
    when: 'The resource is in use, exists already, or has changed since it was read.',
  },
  precondition_required: {
    status: 428,
    when: 'The change needs an If-Match header with the version it is based on.',
  },
  invalid_api_key: {
    status: 401,
    when: 'The presented key is missing, malformed, unknown, revoked or expired.',
  },
  insufficient_scope: { status: 403, when: 'The key is valid but lacks the scope of the route.' },
  ip_not_allowed: { status: 403, when: 'The key may not be used from this address.' },
  model_not_found: { status: 404, when: 'No route and no provider serves the model.' },
  model_not_allowed: { status: 403, when: 'The key may not use the model.' },
  unsupported_operation: {
    status: 400,
    when: 'No target of the model can serve this operation in this wire format.',
  },
  rate_limit_exceeded: {
    status: 429,
    when: 'The caller used up the limits of its own key, or presented too many wrong ones.',
  },
  budget_exceeded: { status: 429, when: 'The caller used up the budget of its own key.' },
  pool_exhausted: {
    status: 429,
    when: 'Every account that could serve the call is at its limit or cooling down.',
  },
  pool_unavailable: {
    status: 503,
    when: 'No account is configured for the model, or none serves it until a person acts.',
  },
  upstream_failed: { status: 502, when: 'The provider failed and no other account could take over.' },
  upstream_timeout: {
    status: 504,
    when: 'The provider did not answer in time and no other account could take over.',
  },
  storage_unavailable: { status: 503, when: 'The database cannot be reached; the change was not made.' },
  shutting_down: { status: 503, when: 'The process is stopping and takes no new calls.' },
  internal_error: { status: 500, when: 'A fault of ours. The log has the details under the request id.' },
} as const satisfies Record<string, { readonly status: number; readonly when: string }>;
/** One of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
