import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { failureRules } from './failure.js';

/** A server of Ollama. It asks for no key and tells no limits. */
export const ollama = new OpenAiCompatibleAdapter({
  kind: 'ollama',
  baseUrl: 'http://127.0.0.1:11434/v1',
  operations: ['chat_completions', 'completions', 'responses', 'embeddings'],
  limits: [],
  failureRules,
  probe: 'reachability',
});
