import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { windowedLimits } from '../openai-compatible/limits.js';

/** Cerebras. */
export const cerebras = new OpenAiCompatibleAdapter({
  kind: 'cerebras',
  baseUrl: 'https://api.cerebras.ai/v1',
  operations: ['chat_completions', 'completions'],
  limits: windowedLimits,
  promptCache: { minTokens: 1_024, ttlMs: 3_600_000 },
  // Adds `max_completion_tokens` to the prompt; without a bound, an upper estimate of its own that it does not tell.
  answerHold: { unboundedTokens: 0 },
});
