import type { FailureRule } from './failure-rule.js';

const at = (
  from: number,
  to: number,
  verdict: Pick<FailureRule, 'class' | 'scope'> & Partial<FailureRule>,
): FailureRule => ({ name: `status_${from}`, status: [from, to], ...verdict });

/** What is left when neither a code nor a phrase is known. The last rule always holds. */
export const statusRules: readonly FailureRule[] = [
  at(300, 399, { class: 'not_found', scope: 'account' }),
  at(401, 401, { class: 'authentication', scope: 'account' }),
  at(402, 402, { class: 'quota_exhausted', scope: 'account' }),
  at(403, 403, { class: 'permission', scope: 'account' }),
  { name: 'no_such_route', class: 'not_found', scope: 'account', status: [404, 404], text: /^not found$/ },
  at(404, 404, { class: 'not_found', scope: 'request' }),
  at(408, 408, { class: 'timeout', scope: 'provider' }),
  at(409, 409, { class: 'conflict', scope: 'request' }),
  at(413, 413, { class: 'payload_too_large', scope: 'request' }),
  at(424, 424, { class: 'server_error', scope: 'provider' }),
  at(429, 429, { class: 'rate_limited', scope: 'account' }),
  at(498, 498, { class: 'content_policy', scope: 'request' }),
  at(499, 499, { class: 'unknown', scope: 'request' }),
  at(400, 499, { class: 'invalid_request', scope: 'request' }),
  at(503, 503, { class: 'overloaded', scope: 'provider' }),
  at(504, 504, { class: 'timeout', scope: 'provider' }),
  at(522, 522, { class: 'timeout', scope: 'provider' }),
  at(524, 524, { class: 'timeout', scope: 'provider' }),
  at(529, 529, { class: 'overloaded', scope: 'provider' }),
  at(500, 599, { class: 'server_error', scope: 'provider' }),
  {
    name: 'invalid_in_success',
    class: 'invalid_request',
    scope: 'request',
    code: /^(invalid_request_error|invalid_argument|badrequesterror|validationexception)$/,
  },
  { name: 'not_found_in_success', class: 'not_found', scope: 'request', code: /^not_found(_error)?$/ },
  { name: 'text_in_success', class: 'unknown', scope: 'provider', isText: true },
  { name: 'error_in_success', class: 'server_error', scope: 'provider' },
];
