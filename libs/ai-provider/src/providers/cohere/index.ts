import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { limits } from './limits.js';

/** Cohere by its compatibility API. */
export const cohere = new OpenAiCompatibleAdapter({
  kind: 'cohere',
  baseUrl: 'https://api.cohere.ai/compatibility/v1',
  operations: ['chat_completions', 'embeddings', 'transcriptions'],
  limits,
});
