import { named } from '../../limits/bucket-names.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** OpenAI's names without a window that is known. */
export const limits: readonly LimitBucket[] = [
  named('requests', null, 'requests'),
  named('tokens', null, 'tokens'),
];
