import type { Shortage } from '../../accounts/quota.js';
import type { LimitName } from '../../scenario/limits.js';
import type { Refusal, RefusalBody, Situation } from '../dialect.js';
import { wholeSeconds } from '../durations.js';

const typeByStatus: Readonly<Record<number, readonly [type: string, message: string]>> = {
  400: ['invalid_request_error', 'Error'],
  401: ['authentication_error', 'invalid x-api-key'],
  402: ['billing_error', 'There is an issue with your billing or payment information.'],
  403: ['permission_error', 'Your API key does not have permission to use the specified resource.'],
  404: ['not_found_error', 'The requested resource could not be found.'],
  413: ['request_too_large', 'Request exceeds the maximum allowed number of bytes.'],
  429: ['rate_limit_error', "This request would exceed your account's rate limit. Please try again later."],
  504: ['timeout_error', 'Request timed out.'],
  529: ['overloaded_error', 'Overloaded'],
};

const words: Readonly<Record<LimitName, string>> = {
  rpm: 'requests per minute',
  tpm: 'tokens per minute',
  itpm: 'input tokens per minute',
  otpm: 'output tokens per minute',
  rpd: 'requests per day',
  tpd: 'tokens per day',
};

function limitedMessage({ view }: Shortage, organisation: string): string {
  return `This request would exceed your organization's (${organisation}) rate limit of ${view.limit} ${words[view.name]}. For details, refer to: https://docs.claude.com/en/api/rate-limits. You can see the response headers for current usage. Please reduce the prompt length or the maximum tokens requested, or try again later.`;
}

/** Anthropic's words for each refusal. */
export function anthropicRefusal(refusal: Refusal, { requestId, organisation }: Situation): RefusalBody {
  const error = (status: number, message?: string, headers: Record<string, string> = {}): RefusalBody => {
    const [type, usual] = typeByStatus[status] ?? ['api_error', 'Internal server error'];
    return {
      status,
      headers,
      body: { type: 'error', error: { type, message: message ?? usual }, request_id: `req_${requestId}` },
    };
  };
  switch (refusal.kind) {
    case 'no_key':
      return error(401, 'x-api-key header is required');
    case 'key_not_accepted':
      return error(401);
    case 'no_such_path':
      return error(404, 'Not found');
    case 'nothing_kept':
      return error(404, `${refusal.what}: ${refusal.id} not found`);
    case 'model_unknown':
      return error(404, `model: ${refusal.model}`);
    case 'invalid':
      return error(400, refusal.message);
    case 'body_too_large':
      return error(413);
    case 'credit_spent':
      return error(
        400,
        'Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to upgrade or purchase credits.',
      );
    case 'too_many_at_once':
      return error(
        429,
        'Number of concurrent connections has exceeded your rate limit. Please try again later or contact sales at https://www.anthropic.com/contact-sales to discuss your options for a rate limit increase.',
      );
    case 'limited': {
      const { waitMs } = refusal.shortage;
      return error(
        429,
        limitedMessage(refusal.shortage, organisation),
        waitMs === Infinity ? {} : { 'retry-after': wholeSeconds(waitMs) },
      );
    }
    case 'rate_limited_no_hint':
      return error(429);
    case 'status':
      return error(refusal.status, undefined, refusal.status >= 500 ? { 'x-should-retry': 'true' } : {});
  }
}
