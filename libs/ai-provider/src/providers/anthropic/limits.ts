import { prefixed } from '../../limits/bucket-names.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** Limits per minute. The priority tier's buckets are left out: when they are empty the standard tier serves. */
export const limits: readonly LimitBucket[] = [
  prefixed('requests', 'minute', 'anthropic-ratelimit-requests'),
  prefixed('tokens', 'minute', 'anthropic-ratelimit-tokens'),
  prefixed('input_tokens', 'minute', 'anthropic-ratelimit-input-tokens'),
  prefixed('output_tokens', 'minute', 'anthropic-ratelimit-output-tokens'),
];
