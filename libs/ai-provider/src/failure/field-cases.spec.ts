import { describe, expect, it } from '@jest/globals';
import { ProviderRegistry } from '../provider-registry.js';

const registry = new ProviderRegistry();
const openAi = (message: string, code: string | null, type = 'invalid_request_error') => ({
  error: { message, type, param: null, code },
});
const anthropic = (type: string, message: string) => ({ type: 'error', error: { type, message } });
const google = (code: number, status: string, message: string) => ({ error: { code, status, message } });

/** Failures known from documentation and public logs that the fixtures do not have. */
const cases: readonly (readonly [string, number, unknown, string, string])[] = [
  [
    'openai',
    401,
    openAi('Incorrect API key provided: sk-x***yz.', 'invalid_api_key'),
    'authentication',
    'account',
  ],
  [
    'openai',
    403,
    openAi('Project does not have access to model `o3`', 'model_not_found'),
    'model_unavailable',
    'model_on_account',
  ],
  [
    'groq',
    400,
    openAi('Your organization has reached its spend limit.', 'blocked_api_access'),
    'quota_exhausted',
    'organisation',
  ],
  [
    'google',
    429,
    google(
      429,
      'RESOURCE_EXHAUSTED',
      'Your prepayment credits are depleted. Please go to AI Studio to manage billing.',
    ),
    'quota_exhausted',
    'organisation',
  ],
  ['openai', 503, openAi('Slow down', 'slow_down', 'server_error'), 'overloaded', 'provider'],
  [
    'openai',
    400,
    openAi("Invalid 'temperature': decimal above maximum value.", 'decimal_above_max_value'),
    'invalid_request',
    'request',
  ],
  [
    'openai',
    400,
    openAi(
      'Your request was rejected by the safety system.',
      'moderation_blocked',
      'image_generation_user_error',
    ),
    'content_policy',
    'request',
  ],
  [
    'openai',
    429,
    openAi(
      'Request too large for gpt-4o (for limit gpt-4o) in organization org-X on tokens per min (TPM): Limit 30000, Requested 50000.',
      'rate_limit_exceeded',
      'tokens',
    ),
    'rate_limited',
    'request',
  ],
  [
    'groq',
    413,
    openAi(
      'Request too large for model `llama` in organization `org_X` service tier `on_demand` on tokens per minute (TPM): Limit 6000, Requested 9000',
      'rate_limit_exceeded',
      'tokens',
    ),
    'rate_limited',
    'request',
  ],
  ['groq', 401, openAi('Invalid API Key', 'invalid_api_key'), 'authentication', 'account'],
  ['anthropic', 401, anthropic('authentication_error', 'invalid x-api-key'), 'authentication', 'account'],
  [
    'anthropic',
    400,
    anthropic('invalid_request_error', 'prompt is too long: 208310 tokens > 200000 maximum'),
    'context_length',
    'request',
  ],
  [
    'anthropic',
    403,
    { error: { type: 'forbidden', message: 'Request not allowed' } },
    'permission',
    'provider',
  ],
  [
    'anthropic',
    413,
    anthropic('request_too_large', 'Request exceeds the maximum size'),
    'payload_too_large',
    'request',
  ],
  [
    'anthropic',
    400,
    anthropic('invalid_request_error', 'messages: roles must alternate between "user" and "assistant"'),
    'invalid_request',
    'request',
  ],
  [
    'anthropic',
    403,
    anthropic('permission_error', 'This organization has been disabled.'),
    'permission',
    'organisation',
  ],
  [
    'google',
    400,
    google(
      400,
      'INVALID_ARGUMENT',
      'The input token count (1200000) exceeds the maximum number of tokens allowed (1048576).',
    ),
    'context_length',
    'request',
  ],
  [
    'google',
    404,
    google(
      404,
      'NOT_FOUND',
      'models/gemini-9 is not found for API version v1beta, or is not supported for generateContent.',
    ),
    'model_unavailable',
    'model_on_account',
  ],
  [
    'google',
    403,
    google(
      403,
      'PERMISSION_DENIED',
      'Generative Language API has not been used in project 1 before or it is disabled.',
    ),
    'permission',
    'account',
  ],
  [
    'google',
    400,
    google(400, 'INVALID_ARGUMENT', '* GenerateContentRequest.contents: contents is not specified'),
    'invalid_request',
    'request',
  ],
  [
    'google',
    503,
    google(503, 'UNAVAILABLE', 'The model is overloaded. Please try again later.'),
    'overloaded',
    'provider',
  ],
  [
    'deepseek',
    402,
    openAi('Insufficient Balance', 'invalid_request_error', 'unknown_error'),
    'quota_exhausted',
    'account',
  ],
  [
    'openrouter',
    402,
    { error: { code: 402, message: 'Insufficient credits. Add more using https://openrouter.ai/credits' } },
    'quota_exhausted',
    'account',
  ],
  [
    'openrouter',
    403,
    {
      error: {
        code: 403,
        message: 'Key limit exceeded (total limit). Manage it using https://openrouter.ai/settings/keys',
      },
    },
    'quota_exhausted',
    'account',
  ],
  [
    'openrouter',
    400,
    { error: { code: 400, message: 'foo/bar is not a valid model ID' } },
    'model_unavailable',
    'model_on_account',
  ],
  [
    'mistral',
    400,
    {
      object: 'error',
      message: 'Invalid model: mistral-huge',
      type: 'invalid_model',
      param: null,
      code: '1500',
    },
    'model_unavailable',
    'model_on_account',
  ],
  ['mistral', 401, { detail: 'Unauthorized' }, 'authentication', 'account'],
  [
    'cerebras',
    401,
    { message: 'Wrong API Key', type: 'invalid_request_error', param: 'api_key', code: 'wrong_api_key' },
    'authentication',
    'account',
  ],
  [
    'cerebras',
    429,
    {
      message: 'Tokens per minute limit exceeded - too many tokens processed.',
      type: 'too_many_tokens_error',
      param: 'quota',
      code: 'token_quota_exceeded',
    },
    'rate_limited',
    'model_on_account',
  ],
  [
    'together',
    404,
    openAi('Unable to access model foo. Please visit https://api.together.ai/models', 'model_not_available'),
    'model_unavailable',
    'model_on_account',
  ],
  ['together', 401, openAi('Invalid API key provided.', 'invalid_api_key'), 'authentication', 'account'],
  [
    'xai',
    403,
    { code: 'The caller does not have permission', error: 'Your API key has been disabled' },
    'authentication',
    'account',
  ],
  ['fireworks', 401, { error: 'unauthorized' }, 'authentication', 'account'],
  [
    'openai-compatible',
    400,
    {
      object: 'error',
      message: "This model's maximum context length is 4096 tokens. However, you requested 5000 tokens.",
      type: 'BadRequestError',
      code: 400,
    },
    'context_length',
    'request',
  ],
  [
    'openai-compatible',
    400,
    {
      error: {
        code: 400,
        message: 'the request exceeds the available context size, try increasing it',
        type: 'exceed_context_size_error',
      },
    },
    'context_length',
    'request',
  ],
  [
    'openai-compatible',
    404,
    { error: { message: 'The model `x` does not exist.', type: 'NotFoundError', code: 404 } },
    'model_unavailable',
    'model_on_account',
  ],
  [
    'openai-compatible',
    403,
    '<!DOCTYPE html><html><head><title>Just a moment...</title></head></html>',
    'permission',
    'provider',
  ],
  ['openai-compatible', 530, 'error code: 1033', 'server_error', 'provider'],
];

describe('classifier in the field', () => {
  it.each(cases)('%s %i %j is %s of the %s', (kind, status, body, failure, scope) => {
    const verdict = registry.get(kind)?.classify({ status, headers: {}, body, transportCode: null }, 0);
    expect(verdict).toMatchObject({ class: failure, scope });
  });
});
