import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';

/** Perplexity's Sonar API. It tells no limits. */
export const perplexity = new OpenAiCompatibleAdapter({
  kind: 'perplexity',
  baseUrl: 'https://api.perplexity.ai',
  operations: ['chat_completions'],
  limits: [],
  modelsPath: null,
  // It long had no list of models; the list of the key's own asynchronous jobs is free and needs the key.
  probePath: '/async/chat/completions',
  sendsUsageUnasked: true,
});
