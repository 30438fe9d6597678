import type { IncomingHttpHeaders } from 'node:http';

const forwarded = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;

/** The headers of a caller that a provider may need. */
export function forwardHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of forwarded) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}
