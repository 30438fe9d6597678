import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { limits } from './limits.js';
import { rotation } from './rotation.js';

/** xAI. */
export const xAi = new OpenAiCompatibleAdapter({
  kind: 'xai',
  baseUrl: 'https://api.x.ai/v1',
  operations: ['chat_completions', 'responses', 'image_generations'],
  objects: ['responses'],
  limits,
  // Neither length nor time is said.
  promptCache: { minTokens: 1_024, ttlMs: 600_000 },
  rotation,
});
