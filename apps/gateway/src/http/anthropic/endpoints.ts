import type { Operation } from '#ai-provider';
import type { CallDraft, CallRoute, Endpoint, RawCall } from '../data-plane/call-reader.js';
import { estimateTokens } from '../data-plane/estimate-tokens.js';
import { readCount, readJsonObject, requireText } from '../data-plane/read-json.js';

function endpoint(operation: Operation, writes: boolean): Endpoint {
  const read = ({ body, contentType }: RawCall): CallDraft => {
    const json = readJsonObject(body, contentType);
    return {
      model: requireText(json, 'model'),
      stream: json['stream'] === true,
      json,
      inputTokensEstimate: estimateTokens(json),
      maxOutputTokens: writes ? readCount(json, 'max_tokens') : 0,
    };
  };
  return { kind: 'body', wireFormat: 'anthropic', operation, read };
}

/** The Anthropic wire format. Bodies are forwarded as they come; see Anthropic's API reference for their fields. */
export const anthropicRoutes: readonly CallRoute[] = [
  {
    path: '/v1/messages',
    tag: 'Anthropic',
    summary: 'Create a message, plain or streamed',
    endpoint: endpoint('messages', true),
  },
  {
    path: '/v1/messages/count_tokens',
    tag: 'Anthropic',
    summary: 'Count the tokens of a message',
    endpoint: endpoint('count_tokens', false),
  },
];
