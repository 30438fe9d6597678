import { CredentialFault } from './structured-credential.js';

/** A base URL taken apart, ready to have a path put behind it. */
export interface Endpoint {
  /** Scheme, host and port; no slash at the end. */
  readonly origin: string;
  /** Empty, or a path with a slash at its start and none at its end. */
  readonly prefix: string;
}

const cacheSize = 1_000;
const cache = new Map<string, Endpoint>();

function parse(baseUrl: string): Endpoint {
  const url = URL.parse(baseUrl);
  if (url === null || (url.protocol !== 'https:' && url.protocol !== 'http:')) {
    throw new TypeError('a base URL is absolute and starts with https:// or http://');
  }
  if (url.username !== '' || url.password !== '')
    throw new TypeError('a base URL holds no user name or password');
  if (url.search !== '' || url.hash !== '') throw new TypeError('a base URL has no query and no fragment');
  return { origin: url.origin, prefix: url.pathname.replace(/\/+$/, '') };
}

/**
 * Takes a base URL apart. Remembers the last 1,000, since every call asks.
 *
 * @throws TypeError when it is no absolute http(s) URL, or holds credentials, a query or a fragment
 */
export function endpointOf(baseUrl: string): Endpoint {
  const known = cache.get(baseUrl);
  if (known !== undefined) return known;
  const endpoint = parse(baseUrl);
  if (cache.size >= cacheSize) cache.clear();
  cache.set(baseUrl, endpoint);
  return endpoint;
}

/**
 * Fills a part that a base URL leaves open (`https://{region}.host`).
 *
 * @param value a label of a host's name; `null` when the credential does not tell it
 * @throws CredentialFault when the part is open and there is no value
 */
export function fillBaseUrl(baseUrl: string, name: string, value: string | null): string {
  const open = `{${name}}`;
  if (!baseUrl.includes(open)) return baseUrl;
  if (value === null) throw new CredentialFault(`must be JSON with "${name}", or the base URL must name it`);
  return baseUrl.replace(open, value);
}
