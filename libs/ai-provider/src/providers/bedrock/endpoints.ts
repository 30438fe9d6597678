import type { ModelCall, Operation } from '../../contract/model-call.js';
import { pathSegment } from '../../request/path-segment.js';

/** OpenAI's own paths, for the models that speak that way. */
const openAiPaths: Readonly<Partial<Record<Operation, string>>> = {
  chat_completions: '/openai/v1/chat/completions',
  responses: '/openai/v1/responses',
};

/** Every operation that Bedrock serves in Anthropic's and in OpenAI's words. */
export const operations: readonly Operation[] = ['messages', 'chat_completions', 'responses'];

/**
 * The path of a call: `InvokeModel` and its streaming sister for Claude, whose model stands in it.
 *
 * @throws RangeError for an operation of another wire format
 */
export function pathOf({ operation, stream }: ModelCall, model: string): string {
  if (operation === 'messages') {
    return `/model/${pathSegment(model)}/${stream ? 'invoke-with-response-stream' : 'invoke'}`;
  }
  const path = openAiPaths[operation];
  if (path === undefined) throw new RangeError(`Bedrock has no operation "${operation}"`);
  return path;
}

/** `ListFoundationModels`: free, and refused without a valid key. */
export const probePath = '/foundation-models';

/** It is a call of the control plane, which lives beside the runtime; a server of one's own may be both. */
export const controlPlaneOf = (origin: string): string =>
  origin.replace(/\/\/bedrock-runtime(?=[.-])/, '//bedrock');
