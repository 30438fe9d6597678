import type { FailureRule } from './failure-rule.js';

/** Codes that say precisely what happened: they decide before any text and before the status. */
export const codeRules: readonly FailureRule[] = [
  {
    name: 'project_spend_limit',
    class: 'quota_exhausted',
    scope: 'account',
    code: /^project_spend_limit_exceeded$/,
  },
  {
    name: 'insufficient_quota',
    class: 'quota_exhausted',
    scope: 'organisation',
    code: /^(insufficient_quota|billing_not_active|billing_hard_limit_reached|organization_spend_limit_exceeded|credit_limit|billing_error|blocked_api_access|payment_required|insufficient_balance)$/,
  },
  {
    name: 'usage_limit',
    class: 'quota_exhausted',
    scope: 'account',
    code: /^(usage_limit_reached|subscription:free-usage-exhausted|1113|servicequotaexceededexception|openrouter_free_tier_daily)$/,
  },
  { name: 'model_quota', class: 'quota_exhausted', scope: 'model_on_account', code: /^quota_exhausted$/ },
  {
    name: 'overloaded',
    class: 'overloaded',
    scope: 'provider',
    code: /^(server_is_overloaded|overloaded(_error)?|engine_overloaded(_error)?|provider_overloaded|provider_unavailable|model_capacity_exhausted|service_tier_capacity_exceeded|queue_exceeded|service_unavailable(_error)?|serviceunavailableexception|unavailable|slow_down|modelnotreadyexception|capacity_exceeded)$/,
  },
  {
    name: 'key_refused',
    class: 'authentication',
    scope: 'account',
    code: /^(account_deactivated|mismatched_organization|invalid_authentication|invalid_api_key|wrong_api_key|incorrect_api_key|api_key_invalid|api_key_expired|access_token_expired|unauthenticated|unrecognizedclientexception|invalidsignatureexception|expiredtokenexception|incompletesignature|token_expired|key_revoked)$/,
  },
  {
    name: 'region_refused',
    class: 'permission',
    scope: 'provider',
    code: /^unsupported_country_region_territory$/,
  },
  { name: 'scope_missing', class: 'permission', scope: 'request', code: /^missing_scope$/ },
  {
    name: 'organisation_banned',
    class: 'permission',
    scope: 'organisation',
    code: /^organization_restricted$/,
  },
  {
    name: 'account_suspended',
    class: 'permission',
    scope: 'account',
    code: /^(consumer_suspended|service_disabled|consumer_invalid|api_key_service_blocked|api_key_ip_address_blocked|api_key_http_referrer_blocked|permissiondenied)$/,
  },
  {
    name: 'model_unavailable',
    class: 'model_unavailable',
    scope: 'model_on_account',
    code: /^(model_not_found|model_decommissioned|model_not_available|model_not_supported|invalid_model|operationnotsupported|deploymentnotfound|model_terms_required|model_permission_blocked_org|model_permission_blocked_project)$/,
  },
  {
    name: 'context_length',
    class: 'context_length',
    scope: 'request',
    code: /^(context_length_exceeded|exceed_context_size_error|context_window_exceeded)$/,
  },
  {
    name: 'content_policy',
    class: 'content_policy',
    scope: 'request',
    code: /^(content_filter|content_policy_violation|invalid_prompt|responsibleaipolicyviolation|moderation_blocked|prohibited_content|blocklist|safety|image_safety|content_policy|cyber_policy|sensitive_words_detected)$/,
  },
  {
    name: 'payload_too_large',
    class: 'payload_too_large',
    scope: 'request',
    code: /^(string_above_max_length|request_too_large|payload_too_large)$/,
  },
  {
    name: 'token_expired_today',
    class: 'quota_exhausted',
    scope: 'model_on_account',
    code: /perday/,
    status: [429, 429],
  },
  {
    name: 'per_minute',
    class: 'rate_limited',
    scope: 'model_on_account',
    code: /perminute/,
    status: [429, 429],
  },
];

/** Codes that name a class of errors: a known phrase is more precise, the bare status is less. */
export const generalCodeRules: readonly FailureRule[] = [
  {
    name: 'bucket_empty',
    class: 'rate_limited',
    scope: 'model_on_account',
    status: [429, 429],
    emptyBucket: true,
  },
  {
    name: 'model_rate_limit',
    class: 'rate_limited',
    scope: 'model_on_account',
    code: /^(rate_limit_exceeded|model_rate_limit|request_quota_exceeded|token_quota_exceeded|throttlingexception|resource_exhausted|ratelimitreached)$/,
  },
  {
    name: 'rate_limit',
    class: 'rate_limited',
    scope: 'account',
    code: /^(rate_limit_error|rate_limited|rate_limit|too_many_requests(_error)?|throttling_error|throttled|1300)$/,
  },
  {
    name: 'authentication_error',
    class: 'authentication',
    scope: 'account',
    code: /^(authentication_error|auth_error|unauthorized)$/,
  },
  {
    name: 'permission_error',
    class: 'permission',
    scope: 'account',
    code: /^(permission_error|permission_denied|accessdeniedexception|insufficient_permissions|permission-denied)$/,
  },
  {
    name: 'timeout',
    class: 'timeout',
    scope: 'provider',
    code: /^(timeout_error|timeout|deadline_exceeded|modeltimeoutexception|request_timeout)$/,
  },
  {
    name: 'server_error',
    class: 'server_error',
    scope: 'provider',
    code: /^(internalservererror|modelerrorexception|modelstreamerrorexception|internalserverexception)$/,
  },
  { name: 'conflict', class: 'conflict', scope: 'request', code: /^conflict_error$/ },
];
