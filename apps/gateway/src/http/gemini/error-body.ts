import type { EdgeError, ErrorBody } from '../data-plane/edge-error.js';

const statuses: Readonly<Record<number, string>> = {
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  409: 'ABORTED',
  429: 'RESOURCE_EXHAUSTED',
  499: 'CANCELLED',
  500: 'INTERNAL',
  502: 'UNAVAILABLE',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

function details({ code, retryAfterSeconds }: EdgeError): object[] {
  const info = { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: code };
  if (retryAfterSeconds === null) return [info];
  return [info, { '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${retryAfterSeconds}s` }];
}

const body = (error: EdgeError): object => ({
  error: {
    code: error.status,
    message: error.message,
    status: statuses[error.status] ?? 'INVALID_ARGUMENT',
    details: details(error),
  },
});

/** `{"error":{"code","message","status","details"}}`; our code is the reason of the `ErrorInfo`. */
export const geminiError: ErrorBody = {
  body,
  lastEvent: (error) => `data: ${JSON.stringify(body(error))}\n\n`,
};
