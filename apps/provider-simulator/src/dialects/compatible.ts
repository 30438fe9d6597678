import type { Dialect } from './dialect.js';
import { openAi } from './openai/dialect.js';
import { openAiLimitHeaders } from './openai/limit-headers.js';
import { openAiError } from './openai/refusals.js';

/** The many that speak OpenAI: the same wire and limit headers, 402 when the credit is spent. */
export const compatible: Dialect = {
  ...openAi,
  headers: ({ requestId, limits }) => ({ 'x-request-id': requestId, ...openAiLimitHeaders(limits) }),
  refuse: (refusal, situation) =>
    refusal.kind === 'credit_spent'
      ? openAiError(402, 'Insufficient Balance', 'unknown_error', 'invalid_request_error')
      : openAi.refuse(refusal, situation),
  defaultModels: ['simulated-model'],
};
