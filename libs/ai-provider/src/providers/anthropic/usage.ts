import type { TokenUsage } from '#kernel';
import { recordAt } from '../../json-value.js';
import type { JsonRecord } from '../../json-value.js';
import { tokenCount, tokenUsage } from '../../token-count.js';

/**
 * Reads a `usage` object. `input_tokens` counts only what was neither read from nor written to the cache: all three
 * together are the prompt.
 *
 * @returns `null` when it counts nothing
 */
export function readUsageObject(usage: JsonRecord): TokenUsage | null {
  if (typeof usage['input_tokens'] !== 'number' && typeof usage['output_tokens'] !== 'number') return null;
  const cached = tokenCount(usage['cache_read_input_tokens']);
  const input = tokenCount(usage['input_tokens']) + cached + tokenCount(usage['cache_creation_input_tokens']);
  const thinking = tokenCount(recordAt(usage, 'output_tokens_details')['thinking_tokens']);
  return tokenUsage(input, cached, tokenCount(usage['output_tokens']), thinking);
}

/** Reads the usage of a whole message. */
export const readUsage = (body: unknown): TokenUsage | null => readUsageObject(recordAt(body, 'usage'));
