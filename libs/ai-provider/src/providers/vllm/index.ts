import { OpenAiCompatibleAdapter } from '../openai-compatible/adapter.js';
import { failureRules } from './failure.js';

/** A server of vLLM. It asks for a key only when started with `--api-key`, and tells no limits. */
export const vLlm = new OpenAiCompatibleAdapter({
  kind: 'vllm',
  baseUrl: 'http://127.0.0.1:8000/v1',
  operations: ['chat_completions', 'completions', 'responses', 'embeddings', 'transcriptions'],
  limits: [],
  failureRules,
  probe: 'reachability',
  // Blocks of the prompt are kept while there is memory for them; how long is not said.
  promptCache: { minTokens: 1_024, ttlMs: 600_000 },
});
