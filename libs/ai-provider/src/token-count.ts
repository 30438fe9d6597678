import type { TokenUsage } from '#kernel';

/** A count of tokens as a provider wrote it; 0 when it is missing or no count. */
export const tokenCount = (value: unknown): number =>
  typeof value === 'number' && Number.isFinite(value) && value > 0 ? Math.trunc(value) : 0;

/** Makes usage whose parts cannot exceed their whole. */
export const tokenUsage = (
  input: number,
  cachedInput: number,
  output: number,
  reasoning: number,
): TokenUsage => ({
  input,
  cachedInput: Math.min(cachedInput, input),
  output,
  reasoning: Math.min(reasoning, output),
});
