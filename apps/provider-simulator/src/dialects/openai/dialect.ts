import type { IncomingHttpHeaders } from 'node:http';
import type { Dialect } from '../dialect.js';
import { openAiLimitHeaders } from './limit-headers.js';
import { openAiRefusal } from './refusals.js';
import { openAiRoutes } from './routes.js';

/** The key behind `Authorization: Bearer`. */
export function bearerKey(headers: IncomingHttpHeaders): string | undefined {
  const { authorization } = headers;
  return authorization && /^bearer /i.test(authorization) ? authorization.slice(7).trim() : undefined;
}

/** OpenAI itself. */
export const openAi: Dialect = {
  presentedKey: bearerKey,
  route: openAiRoutes(),
  headers: ({ requestId, organisation, limits }) => ({
    'x-request-id': `req_${requestId}`,
    ...(organisation && { 'openai-organization': organisation }),
    'openai-processing-ms': '1',
    'openai-version': '2020-10-01',
    ...openAiLimitHeaders(limits),
  }),
  refuse: openAiRefusal,
  overloadedStatus: 503,
  defaultModels: ['gpt-4o', 'gpt-4o-mini', 'text-embedding-3-small'],
};
