import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { plainLimits } from '../openai-compatible/limits.js';
import { failureRules } from './failure.js';
import { rotation } from './rotation.js';

/** OpenRouter. */
export const openRouter = new OpenAiCompatibleAdapter({
  kind: 'openrouter',
  baseUrl: 'https://openrouter.ai/api/v1',
  operations: ['chat_completions', 'completions', 'responses', 'embeddings'],
  limits: plainLimits,
  // It stays with the provider it has used for a conversation.
  promptCache: { minTokens: 1_024, ttlMs: 300_000 },
  failureRules,
  // Its list of models is public, so it would call any key good.
  probePath: '/key',
  rotation,
});
