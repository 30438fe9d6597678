import type { Shortage } from '../../accounts/quota.js';
import type { Refusal, RefusalBody, Situation } from '../dialect.js';
import { goDuration, wholeSeconds } from '../durations.js';
import { openAiRefusal, shortageFigures, shortageType } from '../openai/refusals.js';

function groqError(
  status: number,
  message: string,
  type: string,
  code?: string,
  headers: Record<string, string> = {},
): RefusalBody {
  return { status, headers, body: { error: { message, type, ...(code && { code }) } } };
}

const upgrade = 'Need more tokens? Upgrade to Dev Tier today at https://console.groq.com/settings/billing';

const words = {
  rpm: 'requests per minute (RPM)',
  tpm: 'tokens per minute (TPM)',
  itpm: 'input tokens per minute (ITPM)',
  otpm: 'output tokens per minute (OTPM)',
  rpd: 'requests per day (RPD)',
  tpd: 'tokens per day (TPD)',
} as const;

/** Groq answers 413 to what can never pass. */
function limited(shortage: Shortage, { model, organisation }: Situation): RefusalBody {
  const where = `for model \`${model}\` in organization \`${organisation}\` service tier \`on_demand\` on ${words[shortage.view.name]}`;
  const type = shortageType(shortage);
  const { limit } = shortage.view;
  return shortage.waitMs === Infinity
    ? groqError(
        413,
        `Request too large ${where}: Limit ${limit}, Requested ${shortage.requested}, please reduce your message size and try again. ${upgrade}`,
        type,
        'rate_limit_exceeded',
      )
    : groqError(
        429,
        `Rate limit reached ${where}: ${shortageFigures(shortage)}. Please try again in ${goDuration(shortage.waitMs)}. ${upgrade}`,
        type,
        'rate_limit_exceeded',
        { 'retry-after': wholeSeconds(shortage.waitMs) },
      );
}

/** Groq's words where they differ from OpenAI's. */
export function groqRefusal(refusal: Refusal, situation: Situation): RefusalBody {
  switch (refusal.kind) {
    case 'no_key':
    case 'key_not_accepted':
      return groqError(401, 'Invalid API Key', 'invalid_request_error', 'invalid_api_key');
    case 'credit_spent':
      return groqError(
        400,
        'Your organization has reached its spend limit. Visit https://console.groq.com/settings/billing to raise it.',
        'invalid_request_error',
        'blocked_api_access',
      );
    case 'limited':
      return limited(refusal.shortage, situation);
    case 'body_too_large':
      return groqError(413, 'Request Entity Too Large', 'invalid_request_error', 'request_too_large');
    case 'status':
      return refusal.status === 503
        ? groqError(
            503,
            `${situation.model} is currently over capacity. Please try again and back off exponentially. Visit https://groqstatus.com to see if there is an active incident.`,
            'internal_server_error',
          )
        : openAiRefusal(refusal, situation);
    default:
      return openAiRefusal(refusal, situation);
  }
}
