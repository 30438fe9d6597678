import type { Secret } from '#kernel';

/** Signs a request: the key goes into a header and nowhere else. */
export function authorise(headers: Record<string, string>, credential: Secret): Record<string, string> {
  headers['authorization'] = `Bearer ${credential.reveal()}`;
  return headers;
}
