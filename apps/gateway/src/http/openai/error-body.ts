import type { EdgeError, ErrorBody } from '../data-plane/edge-error.js';

const types: Readonly<Record<number, string>> = {
  401: 'authentication_error',
  403: 'permission_error',
  429: 'rate_limit_error',
};

const body = ({ code, status, message, field }: EdgeError): object => ({
  error: {
    message,
    type: types[status] ?? (status < 500 ? 'invalid_request_error' : 'server_error'),
    param: field,
    code,
  },
});

/** `{"error":{"message","type","param","code"}}`; in a stream an event with the same body, which the SDKs throw. */
export const openaiError: ErrorBody = {
  body,
  lastEvent: (error) => `event: error\ndata: ${JSON.stringify(body(error))}\n\n`,
};
