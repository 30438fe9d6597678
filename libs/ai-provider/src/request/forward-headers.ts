/**
 * Never handed from a caller to a provider: what belongs to one connection, the caller's own credentials, and what
 * would choose another organisation than the account's.
 */
const withheld: ReadonlySet<string> = new Set([
  'accept-encoding',
  'api-key',
  'authorization',
  'connection',
  'content-encoding',
  'content-length',
  'content-type',
  'cookie',
  'expect',
  'host',
  'keep-alive',
  'openai-organization',
  'openai-project',
  'proxy-authorization',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-api-key',
  'x-goog-api-key',
]);

/**
 * Starts the headers of a request to a provider: what the caller may pass on, then ours.
 *
 * @param forwarded headers of the caller, names in lower case
 * @param contentType of the body; `null` when there is none
 */
export function requestHeaders(
  forwarded: Readonly<Record<string, string>>,
  contentType: string | null,
): Record<string, string> {
  const headers: Record<string, string> = {};
  for (const name in forwarded) {
    const value = forwarded[name];
    if (value !== undefined && !withheld.has(name) && !name.startsWith('x-pool-')) headers[name] = value;
  }
  headers['accept-encoding'] = 'identity';
  if (contentType !== null) headers['content-type'] = contentType;
  return headers;
}
