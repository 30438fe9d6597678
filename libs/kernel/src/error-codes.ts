/**
 * Every error this product answers with, and when. The gateway gives each a status and a title in a total record, and
 * docs/failure-modes.md lists each: a new code without both does not pass the checks.
 */
export const errorCodes = {
  invalid_request: 'The request cannot be understood: malformed JSON, a missing or wrong field.',
  unsupported_media_type: 'The body has a content type the route does not take.',
  request_too_large: 'The body is larger than the configured limit.',
  request_timeout: 'The client took too long to send its request.',
  not_found: 'There is no such route or resource.',
  method_not_allowed: 'The path exists, the method does not.',
  conflict: 'The resource is in use, exists already, or has changed since it was read.',
  precondition_required: 'The change needs an If-Match header with the version it is based on.',
  invalid_api_key: 'The presented key is missing, malformed, unknown, revoked or expired.',
  insufficient_scope: 'The key is valid but lacks the scope of the route.',
  ip_not_allowed: 'The key may not be used from this address.',
  model_not_found: 'No route and no provider serves the model.',
  model_not_allowed: 'The key may not use the model.',
  unsupported_operation: 'No target of the model can serve this operation in this wire format.',
  rate_limit_exceeded: 'The caller used up the limits of its own key.',
  budget_exceeded: 'The caller used up the budget of its own key.',
  pool_exhausted: 'Every account that could serve the call is at its limit or cooling down.',
  pool_unavailable: 'No account is configured for the model, or all are off.',
  upstream_failed: 'The provider failed and no other account could take over.',
  upstream_timeout: 'The provider did not answer in time and no other account could take over.',
  storage_unavailable: 'The database cannot be reached; the change was not made.',
  shutting_down: 'The process is stopping and takes no new calls.',
  internal_error: 'A fault of ours. The log has the details under the request id.',
} as const;
/** One of {@link errorCodes}. */
export type ErrorCode = keyof typeof errorCodes;
