import { named } from '../../limits/bucket-names.js';
import type { LimitBucket } from '../../limits/limit-bucket.js';

/** Prompt and generated tokens apart. */
export const limits: readonly LimitBucket[] = [
  named('requests', 'minute', 'requests'),
  named('input_tokens', 'minute', 'tokens-prompt'),
  named('output_tokens', 'minute', 'tokens-generated'),
];
