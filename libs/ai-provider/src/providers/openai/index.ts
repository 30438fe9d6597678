import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { openAiOperations } from '../openai-compatible/endpoints.js';
import { limits } from './limits.js';
import { rotation } from './rotation.js';

/** OpenAI's own API. */
export const openAi = new OpenAiCompatibleAdapter({
  kind: 'openai',
  baseUrl: 'https://api.openai.com/v1',
  operations: openAiOperations,
  objects: ['files', 'batches', 'responses'],
  limits,
  promptCache: { minTokens: 1_024, ttlMs: 3_600_000 },
  // Counts the larger of `max_tokens` and an estimate by the characters of the request.
  answerHold: { unboundedTokens: 0 },
  rotation,
});
