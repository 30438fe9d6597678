import { OpenAiCompatibleAdapter } from './adapter.js';
import { openAiOperations } from './endpoints.js';
import { anyLimits } from './limits.js';

/** Any server that speaks the OpenAI wire format and has no folder of its own. */
export const openAiCompatible = new OpenAiCompatibleAdapter({
  kind: 'openai-compatible',
  baseUrl: null,
  operations: openAiOperations,
  objects: ['files', 'batches', 'responses'],
  limits: anyLimits,
  // Many such servers ask for no key.
  probe: 'reachability',
});
