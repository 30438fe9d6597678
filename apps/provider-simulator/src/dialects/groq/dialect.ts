import type { Dialect } from '../dialect.js';
import { bearerKey } from '../openai/dialect.js';
import { chatUsage } from '../openai/common.js';
import { firstOf, limitHeaders } from '../openai/limit-headers.js';
import { openAiRoutes } from '../openai/routes.js';
import { groqRefusal } from './refusals.js';

/** Groq: its request headers always count the day, its token headers the minute; streams tell usage under `x_groq` as well. */
export const groq: Dialect = {
  presentedKey: bearerKey,
  route: openAiRoutes({
    lastChunk: ({ id, usage }) => ({ x_groq: { id: `req_${id}`, usage: chatUsage(usage) } }),
  }),
  headers: ({ requestId, limits }) => ({
    'x-request-id': `req_${requestId}`,
    'x-groq-region': 'sim',
    ...limitHeaders('requests', firstOf(limits, 'rpd')),
    ...limitHeaders('tokens', firstOf(limits, 'tpm')),
  }),
  refuse: groqRefusal,
  overloadedStatus: 503,
  defaultModels: ['llama-3.3-70b-versatile', 'llama-3.1-8b-instant', 'openai/gpt-oss-120b'],
};
