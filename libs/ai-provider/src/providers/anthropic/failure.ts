import type { FailureRule } from '../../failure/failure-rule.js';

const rejected = /^rejected/;

/** The windows of a subscription are told in headers; the text says nothing. */
export const failureRules: readonly FailureRule[] = [
  {
    name: 'five_hour_window',
    class: 'quota_exhausted',
    scope: 'account',
    headers: { 'anthropic-ratelimit-unified-5h-status': rejected },
  },
  {
    name: 'weekly_window',
    class: 'quota_exhausted',
    scope: 'account',
    headers: { 'anthropic-ratelimit-unified-7d-status': rejected },
  },
  {
    name: 'window_of_model',
    class: 'quota_exhausted',
    scope: 'model_on_account',
    headers: {
      'anthropic-ratelimit-unified-status': rejected,
      'anthropic-ratelimit-unified-5h-status': /^allowed/,
    },
  },
  {
    name: 'subscription_window',
    class: 'quota_exhausted',
    scope: 'account',
    headers: { 'anthropic-ratelimit-unified-status': rejected },
  },
  {
    name: 'region_refused',
    class: 'permission',
    scope: 'provider',
    status: [403, 403],
    text: /^request not allowed/,
  },
];
