import type { TokenUsage } from '#kernel';
import { isRecord, recordAt } from '../../json-value.js';
import { tokenCount, tokenUsage } from '../../token-count.js';

/**
 * Reads a `usage` object of any OpenAI operation: chat and embeddings say `prompt_tokens`, responses, images and
 * transcriptions `input_tokens`.
 *
 * @returns `null` when it is no object or counts no tokens (transcriptions may be counted in seconds)
 */
function readUsageObject(usage: unknown): TokenUsage | null {
  if (!isRecord(usage)) return null;
  const inputField = usage['prompt_tokens'] ?? usage['input_tokens'];
  const outputField = usage['completion_tokens'] ?? usage['output_tokens'];
  if (typeof inputField !== 'number' && typeof outputField !== 'number') return null;
  const inputDetails = {
    ...recordAt(usage, 'input_tokens_details'),
    ...recordAt(usage, 'prompt_tokens_details'),
  };
  const outputDetails = {
    ...recordAt(usage, 'output_tokens_details'),
    ...recordAt(usage, 'completion_tokens_details'),
  };
  const input = tokenCount(inputField);
  const cached = tokenCount(inputDetails['cached_tokens'] ?? usage['prompt_cache_hit_tokens']);
  const visible = tokenCount(outputField);
  const reasoning = tokenCount(outputDetails['reasoning_tokens']);
  // xAI counts reasoning beside the completion; its total gives it away.
  const isBeside = reasoning > 0 && tokenCount(usage['total_tokens']) === input + visible + reasoning;
  return tokenUsage(input, cached, isBeside ? visible + reasoning : visible, reasoning);
}

/** Reads the usage of a whole answer, or of the last chunk of a stream (Groq puts it under `x_groq`). */
export const readUsage = (body: unknown): TokenUsage | null =>
  isRecord(body)
    ? (readUsageObject(body['usage']) ?? readUsageObject(recordAt(body, 'x_groq')['usage']))
    : null;
