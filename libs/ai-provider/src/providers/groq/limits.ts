import { named } from '../../limits/bucket-names.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** OpenAI's names, but requests are counted per day. */
export const limits: readonly LimitBucket[] = [
  named('requests', 'day', 'requests'),
  named('tokens', 'minute', 'tokens'),
];
