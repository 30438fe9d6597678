import type { AnswerHeaders } from '../contract/provider-adapter.js';

/**
 * Never handed from a provider to a caller: what belongs to one connection, what is no longer true of the body, and
 * what would tell whose account it was, or lead past us to the provider.
 */
const withheld: ReadonlySet<string> = new Set([
  'alt-svc',
  'anthropic-organization-id',
  'connection',
  'content-encoding',
  'content-length',
  'keep-alive',
  'nel',
  'openai-organization',
  'openai-project',
  'proxy-authenticate',
  'report-to',
  'server',
  'set-cookie',
  'strict-transport-security',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'via',
  'x-goog-upload-control-url',
  'x-guploader-uploadid',
  'x-request-id',
]);

/**
 * The headers of a provider's answer that may go to a caller; the body's length is left to whoever writes it.
 *
 * @returns names, in lower case, and values in turn, as `writeHead` of `node:http` takes them: cheaper than an object, whose
 *   names would differ with every provider
 */
export function passableHeaders(headers: AnswerHeaders): (string | string[])[] {
  const passed: (string | string[])[] = [];
  for (const name in headers) {
    const value = headers[name];
    if (value !== undefined && !withheld.has(name)) passed.push(name, value);
  }
  return passed;
}
