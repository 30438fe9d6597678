import type { EdgeError, ErrorBody } from '../data-plane/edge-error.js';

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  404: 'not_found_error',
  413: 'request_too_large',
  429: 'rate_limit_error',
  503: 'overloaded_error',
  504: 'timeout_error',
};

const body = ({ code, status, message, requestId }: EdgeError): object => ({
  type: 'error',
  error: { type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'api_error'), message, code },
  request_id: requestId,
});

/** `{"type":"error","error":{"type","message"},"request_id"}`; our code stands beside the type. */
export const anthropicError: ErrorBody = {
  body,
  lastEvent: (error) => `event: error\ndata: ${JSON.stringify(body(error))}\n\n`,
};
