import { named } from '../../limits/bucket-names.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** Resets as durations. */
export const limits: readonly LimitBucket[] = [
  named('requests', 'minute', 'requests'),
  named('tokens', 'minute', 'tokens'),
];
