import type { IncomingHttpHeaders } from 'node:http';
import type { WireFormat } from '#ai-provider';

/**
 * The language a request is made in, told by its path alone, so that also a request that was never routed gets an error
 * it understands. `/v1/models` is shared by two SDKs and told apart by Anthropic's version header.
 *
 * @returns `null` for everything that is not the data plane
 */
export function wireFormatOf({
  url,
  headers,
}: {
  readonly url: string;
  readonly headers: IncomingHttpHeaders;
}): WireFormat | null {
  if (url.startsWith('/v1beta/') || url.startsWith('/upload/v1beta/')) return 'gemini';
  if (!url.startsWith('/v1/')) return null;
  if (url.startsWith('/v1/messages') || headers['anthropic-version'] !== undefined) return 'anthropic';
  return 'openai';
}
