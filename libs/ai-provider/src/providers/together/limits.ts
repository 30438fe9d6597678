import { prefixed } from '../../limits/bucket-names.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** Limits per second, tokens under a name of their own. */
export const limits: readonly LimitBucket[] = [
  prefixed('requests', 'second', 'x-ratelimit'),
  prefixed('tokens', 'second', 'x-tokenlimit'),
];
