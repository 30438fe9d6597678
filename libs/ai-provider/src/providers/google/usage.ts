import type { TokenUsage } from '#kernel';
import { recordAt } from '../../json-value.js';
import { tokenCount, tokenUsage } from '../../token-count.js';

/** Reads `usageMetadata` of an answer or of a chunk; thoughts are counted beside the candidates. */
export function readUsage(body: unknown): TokenUsage | null {
  const usage = recordAt(body, 'usageMetadata');
  if (typeof usage['promptTokenCount'] !== 'number' && typeof usage['candidatesTokenCount'] !== 'number')
    return null;
  const thoughts = tokenCount(usage['thoughtsTokenCount']);
  return tokenUsage(
    tokenCount(usage['promptTokenCount']) + tokenCount(usage['toolUsePromptTokenCount']),
    tokenCount(usage['cachedContentTokenCount']),
    tokenCount(usage['candidatesTokenCount']) + thoughts,
    thoughts,
  );
}
