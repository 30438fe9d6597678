import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { limits } from './limits.js';

/** Groq. */
export const groq = new OpenAiCompatibleAdapter({
  kind: 'groq',
  baseUrl: 'https://api.groq.com/openai/v1',
  operations: ['chat_completions', 'responses', 'embeddings', 'speech', 'transcriptions'],
  objects: ['files', 'batches'],
  limits,
  promptCache: { minTokens: 1_024, ttlMs: 7_200_000 },
});
