import type { FailureRule } from './failure-rule.js';

const quota: readonly FailureRule[] = [
  {
    name: 'tokens_per_day',
    class: 'quota_exhausted',
    scope: 'model_on_account',
    text: /too many tokens per day|daily quota on this model/,
  },
  {
    name: 'usage_credits_for_option',
    class: 'quota_exhausted',
    scope: 'request',
    text: /usage credits are required for/,
  },
  {
    name: 'account_balance_empty',
    class: 'quota_exhausted',
    scope: 'account',
    text: /out of (extra usage|credits)|more credits|can only afford|insufficient (account )?(balance|credits|funds)|workspace api usage limits|key limit exceeded|prompt tokens limit exceeded|free-models-per-day|spending limit|out of call volume quota|included free usage|usage limit[^.]* (hour|day|week|month)|(hour|dai|week|month)ly usage limit|exceeded your (monthly|daily) /,
  },
  {
    name: 'trial_used_up',
    class: 'quota_exhausted',
    scope: 'account',
    text: /limited to \d+ api calls \/ (day|month)|per (day|month),? please wait|(monthly|daily) (limit|quota)/,
  },
  {
    name: 'balance_empty',
    class: 'quota_exhausted',
    scope: 'organisation',
    text: /credit balance|credits are depleted|exceeded your current quota|billing hard limit|monthly spend limit|(any|no|have) credits (or licenses|yet)|credit limit exceeded|billing details|billing or payment|payment method|account is not active|api usage limits/,
  },
];

const refused: readonly FailureRule[] = [
  {
    name: 'region_unsupported',
    class: 'permission',
    scope: 'provider',
    text: /(country|location|region)[^.]{0,40} (is |are )?not (supported|available)|not available in your (country|region)/,
  },
  {
    name: 'edge_blocked',
    class: 'permission',
    scope: 'provider',
    text: /attention required! \| cloudflare|you have been blocked|<title>just a moment/,
  },
  {
    name: 'organisation_disabled',
    class: 'permission',
    scope: 'organisation',
    text: /organi[sz]ation has been (disabled|restricted)|not allowed for this organi[sz]ation/,
  },
  {
    name: 'account_blocked',
    class: 'permission',
    scope: 'account',
    text: /(resource|account|service) has been (temporarily |permanently )?(blocked|disabled|suspended)|^operation not allowed/,
  },
  {
    name: 'key_refused',
    class: 'authentication',
    scope: 'account',
    text: /(incorrect|invalid|expired|missing|unknown) (x-)?api[ -](key|token)|api key (not valid|not found|expired|is invalid|has expired|has been (revoked|disabled))|invalid x-api-key|reported as leaked|provide an api key|no auth credentials|api key: \S+ is invalid|authentication fails|(deactivated|terminated) account|has been deactivated|security token included in the request is (invalid|expired)/,
  },
];

const model: readonly FailureRule[] = [
  {
    name: 'not_verified_for_option',
    class: 'permission',
    scope: 'model_on_account',
    text: /must be verified to (stream|generate)/,
  },
  {
    name: 'not_verified_for_model',
    class: 'model_unavailable',
    scope: 'model_on_account',
    text: /must be verified to use/,
  },
  {
    name: 'no_endpoint_for_model',
    class: 'model_unavailable',
    scope: 'provider',
    text: /no (endpoints|allowed providers) (found|are available)|no endpoints available/,
  },
  {
    name: 'model_refused',
    class: 'model_unavailable',
    scope: 'model_on_account',
    text: /\bmodel\b[^.]{0,200} (does not exist|was not found|not found|is not found|has been (decommissioned|deprecated)|has been retired|is not available|is not supported for)|^model: \S+|^the model\s+does not exist|model not found|does not work with the specified model|not allowed to use publisher model|on-demand throughput isn't supported|model access is denied|access to (the|this) model|don't have access to|model use case details|model identifier is invalid|(invalid|not a valid) model|models\/\S+ is not found|lora model failed to load|requires more system memory|not supported with this endpoint|try pulling it first|unable to load model|model not exist|currently not in use|marked by provider as legacy|reached the end of its life|data retention mode/,
  },
];

const request: readonly FailureRule[] = [
  {
    name: 'over_token_limit',
    class: 'rate_limited',
    scope: 'request',
    text: /request too large for[^]{0,200}tokens per (min|day)/,
  },
  {
    name: 'too_long',
    class: 'context_length',
    scope: 'request',
    text: /maximum context length|context length is only|reduce the length of|exceeds? (the )?(model's )?(available )?context (limit|length|size|window)|context window|prompt is too long|input is too long|too large for model with|input token count[^.]{0,40}exceeds|too many (input )?tokens\. |max_tokens must be at least 1, got -|input length and\s+exceed|exceed context limit|exceeds the maximum number of tokens/,
  },
  {
    name: 'content_refused',
    class: 'content_policy',
    scope: 'request',
    text: /content (management |filtering |safety )?(policy|filter)|content exists risk|\bflagged\b|usage policy|safety system|responsible ai policy|moderation/,
  },
];

const load: readonly FailureRule[] = [
  {
    name: 'organisation_ramping',
    class: 'rate_limited',
    scope: 'organisation',
    text: /acceleration limit/,
  },
  { name: 'server_busy', class: 'overloaded', scope: 'account', text: /maximum pending requests exceeded/ },
  {
    name: 'over_capacity',
    class: 'overloaded',
    scope: 'provider',
    text: /overloaded|over capacity|high (demand|traffic)|no capacity|at capacity|capacity exceeded|local total request limit reached|server is busy|not ready yet/,
  },
  {
    name: 'token_rate',
    class: 'rate_limited',
    scope: 'model_on_account',
    text: /exceeded (the )?(token|call) rate limit|provisioned throughput|too many tokens, please wait|tokens per minute limit exceeded|(tokens|requests)_per_minute/,
    status: [429, 429],
  },
];

/** Texts that say what happened where the code and the status are vague or wrong. */
export const phraseRules: readonly FailureRule[] = [...quota, ...refused, ...model, ...request, ...load];
