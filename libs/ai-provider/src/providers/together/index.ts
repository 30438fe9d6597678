import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { limits } from './limits.js';

/** Together AI. */
export const together = new OpenAiCompatibleAdapter({
  kind: 'together',
  baseUrl: 'https://api.together.xyz/v1',
  operations: [
    'chat_completions',
    'completions',
    'embeddings',
    'image_generations',
    'speech',
    'transcriptions',
  ],
  objects: ['files', 'batches'],
  limits,
});
