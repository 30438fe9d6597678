import type { FailureRule } from '../../failure/failure-rule.js';

/** Each account is a server of its own: what breaks there says nothing about the others. */
export const failureRules: readonly FailureRule[] = [
  {
    name: 'runner_failed',
    class: 'server_error',
    scope: 'account',
    text: /error was encountered while running the model|llama runner process|unexpected eof/,
  },
];
