import type { Operation } from '#ai-provider';
import type { CallDraft, Endpoint, RawCall } from '../data-plane/call-reader.js';
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
  return { wireFormat: 'anthropic', operation, read };
}

/** Operations of the Anthropic wire format, by path below `/v1/messages`. */
export const anthropicEndpoints = {
  messages: endpoint('messages', true),
  countTokens: endpoint('count_tokens', false),
} as const;
