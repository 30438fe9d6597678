import type { Secret } from '#kernel';

/** Signs a request: the key goes into a header, never into `?key=`, which proxies and logs keep. */
export function authorise(headers: Record<string, string>, credential: Secret): Record<string, string> {
  headers['x-goog-api-key'] = credential.reveal();
  return headers;
}
