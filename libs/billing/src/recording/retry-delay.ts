import type { Random } from '#kernel';

const firstMs = 250;
const longestMs = 30_000;

/**
 * How long to wait before trying again: doubled with each failure, at most 30 s, of which up to half is left to chance so
 * that processes do not come back all at once.
 *
 * @param failures in a row, at least 1
 */
export function retryDelayMs(failures: number, random: Random): number {
  const bound = Math.min(longestMs, firstMs * 2 ** (failures - 1));
  return bound / 2 + (random() * bound) / 2;
}
