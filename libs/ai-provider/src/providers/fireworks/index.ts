import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { limits } from './limits.js';
import { rotation } from './rotation.js';

/** Fireworks AI. */
export const fireworks = new OpenAiCompatibleAdapter({
  kind: 'fireworks',
  baseUrl: 'https://api.fireworks.ai/inference/v1',
  operations: ['chat_completions', 'completions', 'responses', 'embeddings'],
  limits,
  // By default for all models; neither length nor time is said.
  promptCache: { minTokens: 1_024, ttlMs: 3_600_000 },
  rotation,
});
