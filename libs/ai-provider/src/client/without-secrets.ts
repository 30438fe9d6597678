import type { AnswerHeaders, UpstreamRequest } from '../contract/provider-adapter.js';

/** Headers that carry what a provider knows an account by. */
const names: ReadonlySet<string> = new Set([
  'authorization',
  'x-api-key',
  'x-goog-api-key',
  'api-key',
  'x-amz-security-token',
]);
const scheme = /^(?:bearer|basic)\s+/i;
/** Shorter texts are no keys, and would be found by accident. */
const shortest = 8;
const redacted = '[redacted]';

/** An answer that is handed on to a caller. */
interface Told {
  readonly headers: AnswerHeaders;
  readonly body: Buffer;
}

/**
 * A provider's answer without the key that its request was sent with: some repeat in an error what they were sent, and the
 * caller must not come to know it.
 *
 * @param sent the request the answer belongs to
 */
export function withoutSecrets<Answer extends Told>(answer: Answer, sent: UpstreamRequest): Answer {
  const secrets = secretsOf(sent);
  const has = (text: string): boolean => secrets.some((secret) => text.includes(secret));
  // Latin-1 keeps every byte as it is; keys are ASCII.
  const text = answer.body.toString('latin1');
  const headers = Object.entries(answer.headers).filter(([, value]) => !has(String(value)));
  if (!has(text)) return { ...answer, headers: Object.fromEntries(headers) };
  const masked = secrets.reduce((left, secret) => left.replaceAll(secret, redacted), text);
  return { ...answer, headers: Object.fromEntries(headers), body: Buffer.from(masked, 'latin1') };
}

function secretsOf({ headers }: UpstreamRequest): string[] {
  return Object.entries(headers)
    .filter(([name]) => names.has(name.toLowerCase()))
    .map(([, value]) => String(value).replace(scheme, ''))
    .filter(({ length }) => length >= shortest);
}
