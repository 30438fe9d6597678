import type { ModelCall, Operation } from '../../contract/model-call.js';
import { pathSegment } from '../../request/path-segment.js';

const methods: Readonly<Partial<Record<Operation, string>>> = {
  generate_content: 'generateContent',
  embed_content: 'embedContent',
  batch_embed_contents: 'batchEmbedContents',
  gemini_count_tokens: 'countTokens',
};

/** Lists models: free, and refused without a valid key. */
export const probePath = '/v1beta/models?pageSize=1';

/** The resource name of a model: `models/<name>`, unless it names another collection (`tunedModels/<name>`). */
export const resourceOf = (model: string): string =>
  /^(models|tunedModels)\//.test(model) ? model : `models/${model}`;

/**
 * The path of a call: the model and whether to stream stand in it.
 *
 * @throws RangeError for an operation of another wire format
 */
export function pathOf(call: ModelCall, model: string): string {
  const method = methods[call.operation];
  if (method === undefined) throw new RangeError(`Gemini has no operation "${call.operation}"`);
  const resource = resourceOf(model).split('/').map(pathSegment).join('/');
  const isStream = call.stream && call.operation === 'generate_content';
  return `/v1beta/${resource}:${isStream ? 'streamGenerateContent?alt=sse' : method}`;
}
