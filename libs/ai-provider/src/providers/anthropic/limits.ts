import type { LimitedUnit } from '#kernel';
import type { LimitBucket } from '../../limits/limit-bucket.js';

const bucket = (unit: LimitedUnit, name: string): LimitBucket => ({
  unit,
  window: 'minute',
  limit: `anthropic-ratelimit-${name}-limit`,
  remaining: `anthropic-ratelimit-${name}-remaining`,
  reset: `anthropic-ratelimit-${name}-reset`,
});

/** Limits per minute. The priority tier's buckets are left out: when they are empty the standard tier serves. */
export const limits: readonly LimitBucket[] = [
  bucket('requests', 'requests'),
  bucket('tokens', 'tokens'),
  bucket('input_tokens', 'input-tokens'),
  bucket('output_tokens', 'output-tokens'),
];
