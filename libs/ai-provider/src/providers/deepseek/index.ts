import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';

/** DeepSeek. It tells no limits. */
export const deepSeek = new OpenAiCompatibleAdapter({
  kind: 'deepseek',
  baseUrl: 'https://api.deepseek.com/v1',
  operations: ['chat_completions'],
  limits: [],
  // On disk, for hours to days; the place is worth remembering no longer than six hours.
  promptCache: { minTokens: 1_024, ttlMs: 21_600_000 },
});
