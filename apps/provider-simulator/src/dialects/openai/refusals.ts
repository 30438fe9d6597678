import type { Shortage } from '../../accounts/quota.js';
import { limitTable } from '../../scenario/limits.js';
import type { LimitName } from '../../scenario/limits.js';
import type { Refusal, RefusalBody, Situation } from '../dialect.js';
import { goDuration, wholeSeconds } from '../durations.js';
import { serverError } from './common.js';

/** An answer `{"error": {message, type, param, code}}`. */
export function openAiError(
  status: number,
  message: string,
  type: string,
  code: string | null,
  more: { param?: string | null; headers?: Record<string, string> } = {},
): RefusalBody {
  return {
    status,
    headers: more.headers ?? {},
    body: { error: { message, type, param: more.param ?? null, code } },
  };
}

/** How OpenAI and Groq name a limit in their texts. */
export const limitWords: Readonly<Record<LimitName, string>> = {
  rpm: 'requests per min (RPM)',
  tpm: 'tokens per min (TPM)',
  itpm: 'input tokens per min (ITPM)',
  otpm: 'output tokens per min (OTPM)',
  rpd: 'requests per day (RPD)',
  tpd: 'tokens per day (TPD)',
};

/** `Limit 3, Used 3, Requested 1`. */
export function shortageFigures({ view, requested }: Shortage): string {
  return `Limit ${view.limit}, Used ${view.limit - view.remaining}, Requested ${requested}`;
}

/** OpenAI's error type for a limit: what ran out. */
export function shortageType({ view }: Shortage): 'requests' | 'tokens' {
  return limitTable[view.name].unit === 'requests' ? 'requests' : 'tokens';
}

function limited(shortage: Shortage, { model, organisation }: Situation): RefusalBody {
  const where = `for ${model} in organization ${organisation} on ${limitWords[shortage.view.name]}`;
  const type = shortageType(shortage);
  if (shortage.waitMs === Infinity) {
    const { limit } = shortage.view;
    return openAiError(
      429,
      `Request too large ${where}: Limit ${limit}, Requested ${shortage.requested}. The input or output tokens must be reduced in order to run successfully. Visit https://platform.openai.com/account/rate-limits to learn more.`,
      type,
      'rate_limit_exceeded',
    );
  }
  return openAiError(
    429,
    `Rate limit reached ${where}: ${shortageFigures(shortage)}. Please try again in ${goDuration(shortage.waitMs)}. Visit https://platform.openai.com/account/rate-limits to learn more.`,
    type,
    'rate_limit_exceeded',
    {
      headers: {
        'retry-after-ms': String(Math.ceil(shortage.waitMs)),
        'retry-after': wholeSeconds(shortage.waitMs),
      },
    },
  );
}

/** The first eight and the last four characters, as OpenAI quotes a wrong key. */
const masked = (key: string) => (key.length < 16 ? '***' : `${key.slice(0, 8)}***${key.slice(-4)}`);

const invalidRequest = 'invalid_request_error';

function byStatus(status: number): RefusalBody {
  switch (status) {
    case 401:
      return openAiError(401, 'Incorrect API key provided.', invalidRequest, 'invalid_api_key');
    case 403:
      return openAiError(
        403,
        'You have insufficient permissions for this operation.',
        invalidRequest,
        'missing_scope',
      );
    case 429:
      return openAiError(
        429,
        'The engine is currently overloaded, please try again later',
        'server_error',
        null,
      );
    case 503:
    case 529:
      return openAiError(
        status,
        'That model is currently overloaded with other requests. You can retry your request, or contact us through our help center at help.openai.com if the error persists.',
        'server_error',
        null,
      );
    default:
      return { status, body: { error: serverError } };
  }
}

const creditSpent = openAiError(
  429,
  'You exceeded your current quota, please check your plan and billing details. For more information on this error, read the docs: https://platform.openai.com/docs/guides/error-codes/api-errors.',
  'insufficient_quota',
  'insufficient_quota',
);

const tooManyAtOnce = (limit: number, { model, organisation }: Situation) =>
  openAiError(
    429,
    `Rate limit reached for ${model} in organization ${organisation} on concurrent requests: Limit ${limit}. Please try again later.`,
    'requests',
    'rate_limit_exceeded',
  );

/** OpenAI's words for each refusal. */
export function openAiRefusal(refusal: Refusal, situation: Situation): RefusalBody {
  switch (refusal.kind) {
    case 'no_key':
      return openAiError(
        401,
        "You didn't provide an API key. You need to provide your API key in an Authorization header using Bearer auth.",
        invalidRequest,
        null,
      );
    case 'key_not_accepted':
      return openAiError(
        401,
        `Incorrect API key provided: ${masked(refusal.presented)}. You can find your API key at https://platform.openai.com/account/api-keys.`,
        invalidRequest,
        'invalid_api_key',
      );
    case 'no_such_path':
      return openAiError(404, `Invalid URL (${refusal.method} ${refusal.path})`, invalidRequest, null);
    case 'nothing_kept':
      return openAiError(404, `No such ${refusal.what} object: ${refusal.id}`, invalidRequest, null, {
        param: 'id',
      });
    case 'model_unknown':
      return openAiError(
        404,
        `The model \`${refusal.model}\` does not exist or you do not have access to it.`,
        invalidRequest,
        'model_not_found',
      );
    case 'invalid':
      return openAiError(400, refusal.message, invalidRequest, null, { param: refusal.param });
    case 'body_too_large':
      return openAiError(413, 'Request body too large.', invalidRequest, 'request_too_large');
    case 'credit_spent':
      return creditSpent;
    case 'too_many_at_once':
      return tooManyAtOnce(refusal.limit, situation);
    case 'limited':
      return limited(refusal.shortage, situation);
    case 'rate_limited_no_hint':
      return openAiError(
        429,
        'Rate limit reached. Please try again later.',
        'requests',
        'rate_limit_exceeded',
      );
    case 'status':
      return byStatus(refusal.status);
  }
}
