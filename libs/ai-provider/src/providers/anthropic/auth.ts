import type { Secret } from '#kernel';

/** The version of the API that is meant when a caller names none. */
const defaultVersion = '2023-06-01';

/** Signs a request: the key goes into a header and nowhere else. */
export function authorise(headers: Record<string, string>, credential: Secret): Record<string, string> {
  headers['x-api-key'] = credential.reveal();
  headers['anthropic-version'] ??= defaultVersion;
  return headers;
}
