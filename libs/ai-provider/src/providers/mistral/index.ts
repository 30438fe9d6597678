import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { windowedLimits } from '../openai-compatible/limits.js';
import { failureRules } from './failure.js';
import { rotation } from './rotation.js';

/** Mistral's La Plateforme. */
export const mistral = new OpenAiCompatibleAdapter({
  kind: 'mistral',
  baseUrl: 'https://api.mistral.ai/v1',
  operations: ['chat_completions', 'embeddings', 'moderations', 'transcriptions'],
  objects: ['files'],
  limits: windowedLimits,
  failureRules,
  // Neither length nor time is said.
  promptCache: { minTokens: 1_024, ttlMs: 600_000 },
  sendsUsageUnasked: true,
  rotation,
});
