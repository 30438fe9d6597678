import type { FailureRule } from '../../failure/failure-rule.js';

/** Mistral numbers its errors; 1300 is a limit of the workspace. */
export const failureRules: readonly FailureRule[] = [
  { name: 'workspace_rate_limit', class: 'rate_limited', scope: 'account', code: /^1300$/ },
  { name: 'prompt_too_long', class: 'context_length', scope: 'request', code: /^3051$/ },
  { name: 'capacity_exceeded', class: 'overloaded', scope: 'provider', code: /^3505$/ },
];
