import type { FailureRule } from '../../failure/failure-rule.js';

/** Every limit is one of a deployment: others of the same resource go on. */
export const failureRules: readonly FailureRule[] = [
  {
    name: 'deployment_limit',
    class: 'rate_limited',
    scope: 'model_on_account',
    status: [429, 429],
    text: /rate limit is exceeded|retry after \d+ (milli)?second/,
  },
];
