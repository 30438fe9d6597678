import type { FailureRule } from '../../failure/failure-rule.js';

/**
 * Of a file or cache that is not there Google says what it says of a key that may do nothing: 403, `PERMISSION_DENIED`. The
 * words alone tell that no account is to blame.
 */
const nothingKept: FailureRule = {
  name: 'nothing_kept',
  class: 'not_found',
  scope: 'request',
  status: [403, 404],
  text: /permission to access the file\b.{0,300}\bit may not exist|\bcachedcontent not found/,
};

/** Google says the same words for a minute's and a day's limit: the quota's id, or else the details, tell. */
export const failureRules: readonly FailureRule[] = [
  nothingKept,
  { name: 'quota_of_day', class: 'quota_exhausted', scope: 'model_on_account', code: /perday/ },
  {
    name: 'limit_of_minute',
    class: 'rate_limited',
    scope: 'model_on_account',
    code: /perminute|^rate_limit_exceeded$/,
  },
  { name: 'billing_quota', class: 'quota_exhausted', scope: 'account', text: /exceeded your current quota/ },
];
