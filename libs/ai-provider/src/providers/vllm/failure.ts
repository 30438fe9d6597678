import type { FailureRule } from '../../failure/failure-rule.js';

/** Each account is a server of its own: what breaks there says nothing about the others. */
export const failureRules: readonly FailureRule[] = [
  {
    name: 'engine_failed',
    class: 'server_error',
    scope: 'account',
    status: [500, 500],
  },
];
