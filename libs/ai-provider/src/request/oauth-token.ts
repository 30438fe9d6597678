import { Secret } from '#kernel';
import type { IssuedToken, UpstreamRequest } from '../contract/provider-adapter.js';
import { isRecord } from '../json-value.js';

/** How long a token is good whose answer does not say; RFC 6749 leaves it open. */
const defaultLifeSeconds = 300;

/** A request to a token endpoint of OAuth 2.0. */
export const formRequest = (
  origin: string,
  path: string,
  fields: Readonly<Record<string, string>>,
): UpstreamRequest => ({
  method: 'POST',
  origin,
  path,
  headers: { accept: 'application/json', 'content-type': 'application/x-www-form-urlencoded' },
  body: Buffer.from(new URLSearchParams(fields).toString()),
});

/**
 * Reads the answer of a token endpoint (RFC 6749, 5.1); some write the seconds as text.
 *
 * @returns `null` when it holds no token
 */
export function readOAuthToken(body: unknown, nowMs: number): IssuedToken | null {
  if (!isRecord(body)) return null;
  const { access_token: token, expires_in: life } = body;
  if (typeof token !== 'string' || token === '') return null;
  const told = Number(life);
  const seconds = told > 0 && Number.isFinite(told) ? told : defaultLifeSeconds;
  return { token: new Secret(token), expiresAtMs: nowMs + seconds * 1_000 };
}
