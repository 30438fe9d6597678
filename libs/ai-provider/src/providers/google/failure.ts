import type { FailureRule } from '../../failure/failure-rule.js';

/** Google says the same words for a minute's and a day's limit: the quota's id, or else the details, tell. */
export const failureRules: readonly FailureRule[] = [
  { name: 'quota_of_day', class: 'quota_exhausted', scope: 'model_on_account', code: /perday/ },
  {
    name: 'limit_of_minute',
    class: 'rate_limited',
    scope: 'model_on_account',
    code: /perminute|^rate_limit_exceeded$/,
  },
  { name: 'billing_quota', class: 'quota_exhausted', scope: 'account', text: /exceeded your current quota/ },
];
