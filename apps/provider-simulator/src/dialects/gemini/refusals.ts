import type { Shortage } from '../../accounts/quota.js';
import type { LimitName } from '../../scenario/limits.js';
import type { NothingKept, Refusal, RefusalBody, Situation } from '../dialect.js';

const statusWords: Readonly<Record<number, string>> = {
  400: 'INVALID_ARGUMENT',
  401: 'UNAUTHENTICATED',
  403: 'PERMISSION_DENIED',
  404: 'NOT_FOUND',
  429: 'RESOURCE_EXHAUSTED',
  500: 'INTERNAL',
  503: 'UNAVAILABLE',
  504: 'DEADLINE_EXCEEDED',
};

const usualMessages: Readonly<Record<number, string>> = {
  403: 'The caller does not have permission',
  429: 'Resource has been exhausted (e.g. check quota).',
  503: 'The model is overloaded. Please try again later.',
  504: 'Deadline expired before operation could complete.',
};

function geminiError(code: number, message?: string, details?: readonly object[]): RefusalBody {
  const text = message ?? usualMessages[code] ?? 'Internal error encountered.';
  const status = statusWords[code] ?? 'UNKNOWN';
  return { status: code, body: { error: { code, message: text, status, ...(details && { details }) } } };
}

const quotas: Readonly<Record<LimitName, readonly [metric: string, id: string]>> = {
  rpm: ['requests', 'GenerateRequestsPerMinutePerProjectPerModel'],
  rpd: ['requests', 'GenerateRequestsPerDayPerProjectPerModel'],
  tpm: ['input_token_count', 'GenerateContentInputTokensPerModelPerMinute'],
  itpm: ['input_token_count', 'GenerateContentInputTokensPerModelPerMinute'],
  otpm: ['output_token_count', 'GenerateContentOutputTokensPerModelPerMinute'],
  tpd: ['input_token_count', 'GenerateContentInputTokensPerModelPerDay'],
};

const docs = 'https://ai.google.dev/gemini-api/docs/rate-limits';
const exceeded = `You exceeded your current quota, please check your plan and billing details. For more information on this error, head to: ${docs}.`;

/** Gemini has no limit headers: the wait is in the text and in `RetryInfo`. */
function limited({ view, waitMs }: Shortage, model: string): RefusalBody {
  const [metric, quotaId] = quotas[view.name];
  const quotaMetric = `generativelanguage.googleapis.com/generate_content_paid_tier_${metric}`;
  const waitSeconds = waitMs / 1000;
  const passes = waitMs !== Infinity;
  return geminiError(
    429,
    `${exceeded}\n* Quota exceeded for metric: ${quotaMetric}, limit: ${view.limit}, model: ${model}${
      passes ? `\nPlease retry in ${waitSeconds}s.` : ''
    }`,
    [
      {
        '@type': 'type.googleapis.com/google.rpc.Help',
        links: [{ description: 'Learn more about Gemini API quotas', url: docs }],
      },
      {
        '@type': 'type.googleapis.com/google.rpc.QuotaFailure',
        violations: [
          {
            quotaMetric,
            quotaId,
            quotaDimensions: { location: 'global', model },
            quotaValue: String(view.limit),
          },
        ],
      },
      ...(passes
        ? [{ '@type': 'type.googleapis.com/google.rpc.RetryInfo', retryDelay: `${Math.ceil(waitSeconds)}s` }]
        : []),
    ],
  );
}

/** What is not there and what is somebody else's look alike. */
function nothingKept({ what, id }: NothingKept): [status: number, message: string] {
  if (what === 'file') {
    return [403, `You do not have permission to access the File ${id} or it may not exist.`];
  }
  if (what === 'cache') return [403, 'CachedContent not found (or permission denied)'];
  return [404, 'Requested entity was not found.'];
}

const keyInvalid = 'API key not valid. Please pass a valid API key.';

/** Gemini's words for each refusal. */
export function geminiRefusal(refusal: Refusal, { model }: Situation): RefusalBody {
  switch (refusal.kind) {
    case 'no_key':
      return geminiError(
        403,
        "Method doesn't allow unregistered callers (callers without established identity). Please use API Key or other form of API consumer identity to call this API.",
      );
    case 'key_not_accepted':
      return geminiError(400, keyInvalid, [
        {
          '@type': 'type.googleapis.com/google.rpc.ErrorInfo',
          reason: 'API_KEY_INVALID',
          domain: 'googleapis.com',
          metadata: { service: 'generativelanguage.googleapis.com' },
        },
        {
          '@type': 'type.googleapis.com/google.rpc.LocalizedMessage',
          locale: 'en-US',
          message: keyInvalid,
        },
      ]);
    case 'no_such_path':
      return geminiError(404, 'Requested entity was not found.');
    case 'nothing_kept':
      return geminiError(...nothingKept(refusal));
    case 'model_unknown':
      return geminiError(
        404,
        `models/${refusal.model} is not found for API version v1beta, or is not supported for generateContent. Call ListModels to see the list of available models and their supported methods.`,
      );
    case 'invalid':
      return geminiError(400, refusal.message);
    case 'body_too_large':
      return geminiError(400, 'Request payload size exceeds the limit: 20971520 bytes.');
    case 'credit_spent':
      return geminiError(
        429,
        'Your prepayment credits are depleted. Please go to AI Studio at https://ai.studio/projects to manage your project and billing.',
      );
    case 'too_many_at_once':
    case 'rate_limited_no_hint':
      return geminiError(429);
    case 'limited':
      return limited(refusal.shortage, model);
    case 'status':
      return geminiError(refusal.status);
  }
}
