import type { Dialect, Operation, Route } from '../dialect.js';
import { bearerKey } from '../openai/dialect.js';
import { anthropicLimitHeaders } from './limit-headers.js';
import { countTokens, messages } from './messages.js';
import { getModel, listModels } from './models.js';
import { anthropicRefusal } from './refusals.js';

const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/messages': messages,
  'POST /v1/messages/count_tokens': countTokens,
  'GET /v1/models': listModels,
};

function route(method: string, path: string): Route | undefined {
  const operation = operations[`${method} ${path}`];
  if (operation) return { operation, pathModel: '' };
  const prefix = '/v1/models/';
  return method === 'GET' && path.startsWith(prefix)
    ? { operation: getModel, pathModel: decodeURIComponent(path.slice(prefix.length)) }
    : undefined;
}

/** Anthropic. */
export const anthropic: Dialect = {
  presentedKey: (headers) => headers['x-api-key']?.toString() ?? bearerKey(headers),
  route,
  headers: ({ requestId, organisation, limits, nowMs }) => ({
    'request-id': `req_${requestId}`,
    'anthropic-organization-id': organisation,
    ...anthropicLimitHeaders(limits, nowMs),
  }),
  refuse: anthropicRefusal,
  overloadedStatus: 529,
  defaultModels: ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'],
};
