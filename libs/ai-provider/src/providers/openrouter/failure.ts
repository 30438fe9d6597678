import type { FailureRule } from '../../failure/failure-rule.js';

/** OpenRouter names the limit in words; its own daily limit comes with 429 and with 402. */
export const failureRules: readonly FailureRule[] = [
  { name: 'free_models_per_minute', class: 'rate_limited', scope: 'account', text: /free-models-per-min/ },
];
