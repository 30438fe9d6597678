import type { ModelCall, Operation } from '../../contract/model-call.js';
import { pathSegment } from '../../request/path-segment.js';

/** OpenAI's own paths, for the models that speak that way. */
const openAiPaths: Readonly<Partial<Record<Operation, string>>> = {
  chat_completions: '/openai/v1/chat/completions',
  responses: '/openai/v1/responses',
};

/** Every operation that Bedrock serves in Anthropic's and in OpenAI's words. */
export const operations: readonly Operation[] = ['messages', 'chat_completions', 'responses'];

/** What stands behind a model in the path: `InvokeModel`, which is for Claude, `Converse`, and their streaming sisters. */
const modelVerbs: Readonly<Partial<Record<Operation, readonly [plain: string, streamed: string]>>> = {
  messages: ['invoke', 'invoke-with-response-stream'],
  converse: ['converse', 'converse-stream'],
};

/**
 * The path of a call; but in the words of OpenAI the model stands in it.
 *
 * @throws RangeError for an operation of another wire format
 */
export function pathOf({ operation, stream }: ModelCall, model: string): string {
  const verbs = modelVerbs[operation];
  if (verbs !== undefined) return `/model/${pathSegment(model)}/${verbs[stream ? 1 : 0]}`;
  const path = openAiPaths[operation];
  if (path === undefined) throw new RangeError(`Bedrock has no operation "${operation}"`);
  return path;
}

/** `ListFoundationModels`: free, and refused without a valid key. */
export const probePath = '/foundation-models';

/** It is a call of the control plane, which lives beside the runtime; a server of one's own may be both. */
export const controlPlaneOf = (origin: string): string =>
  origin.replace(/\/\/bedrock-runtime(?=[.-])/, '//bedrock');
