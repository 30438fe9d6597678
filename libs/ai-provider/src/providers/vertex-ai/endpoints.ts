import type { ModelCall, Operation } from '../../contract/model-call.js';
import { pathSegment } from '../../request/path-segment.js';

/** What each operation is called behind the model, plain and streamed. */
const verbs: Readonly<Partial<Record<Operation, readonly [plain: string, streamed: string]>>> = {
  generate_content: ['generateContent', 'streamGenerateContent?alt=sse'],
  gemini_count_tokens: ['countTokens', 'countTokens'],
  messages: ['rawPredict', 'streamRawPredict'],
  count_tokens: ['rawPredict', 'rawPredict'],
};

/** Every operation that Vertex AI serves in Gemini's and in Anthropic's words. */
export const operations = Object.keys(verbs) as readonly Operation[];

/** Lists Google's models: free, and refused without a valid token. */
export const probePath = '/v1beta1/publishers/google/models?pageSize=1';

/** Whether a call is one of Anthropic's. */
export const isClaude = ({ operation }: ModelCall): boolean =>
  operation === 'messages' || operation === 'count_tokens';

/**
 * The path of a call. A model's name may name its publisher too, or a tuned model (`endpoints/<id>`).
 *
 * @throws RangeError for an operation of another wire format
 */
export function pathOf(call: ModelCall, model: string, project: string, location: string): string {
  const pair = verbs[call.operation];
  if (pair === undefined) throw new RangeError(`Vertex AI has no operation "${call.operation}"`);
  const resource = resourceOf(call, model).split('/').map(pathSegment).join('/');
  const place = `/v1/projects/${pathSegment(project)}/locations/${pathSegment(location)}`;
  return `${place}/${resource}:${pair[call.stream ? 1 : 0]}`;
}

function resourceOf(call: ModelCall, model: string): string {
  // Tokens are counted by a model of that name; whose tokens stands in the body.
  if (call.operation === 'count_tokens') return 'publishers/anthropic/models/count-tokens';
  if (/^(publishers|endpoints)\//.test(model)) return model;
  return `publishers/${isClaude(call) ? 'anthropic' : 'google'}/models/${model.replace(/^models\//, '')}`;
}
