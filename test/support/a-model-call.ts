import type { ModelCall } from '#ai-provider';
import { asId } from '#kernel';

/** A call for specs: a small chat completion, with whatever a spec cares about set. */
export function aModelCall(
  changes: Partial<ModelCall> & { readonly json?: ModelCall['json'] } = {},
): ModelCall {
  const json = changes.json === undefined ? { model: 'm', messages: [] } : changes.json;
  return {
    id: asId('call'),
    wireFormat: 'openai',
    operation: 'chat_completions',
    model: 'm',
    stream: false,
    body: Buffer.from(json === null ? '' : JSON.stringify(json)),
    contentType: 'application/json',
    inputTokensEstimate: 1,
    maxOutputTokens: null,
    forwardHeaders: {},
    ...changes,
    json,
  };
}
