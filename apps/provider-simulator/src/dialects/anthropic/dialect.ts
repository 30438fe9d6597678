import { invalid } from '../request-body.js';
import type { Dialect, Operation, Route } from '../dialect.js';
import { bearerKey } from '../openai/dialect.js';
import { routesById } from '../find-by-id.js';
import { files } from './files.js';
import { messageBatches } from './message-batches.js';
import { anthropicLimitHeaders } from './limit-headers.js';
import { countTokens, messages } from './messages.js';
import { getModel, listModels } from './models.js';
import { anthropicRefusal } from './refusals.js';

/** Anthropic refuses calls that do not say which version of the API they mean. */
const versioned = (operation: Operation): Operation => ({
  name: operation.name,
  read: (request) =>
    request.headers['anthropic-version'] === undefined
      ? invalid('anthropic-version: header is required')
      : operation.read(request),
});

const operations: Readonly<Record<string, Operation>> = {
  'POST /v1/messages': versioned(messages),
  'POST /v1/messages/count_tokens': versioned(countTokens),
  'GET /v1/models': versioned(listModels),
};
const oneModel = versioned(getModel);
const ofKept = routesById(
  Object.fromEntries(
    Object.entries({ ...files, ...messageBatches }).map(([call, operation]) => [call, versioned(operation)]),
  ),
);

function route(method: string, path: string): Route | undefined {
  const operation = operations[`${method} ${path}`];
  if (operation) return { operation, pathModel: '' };
  const kept = ofKept(`${method} ${path}`);
  if (kept !== undefined) return kept;
  const prefix = '/v1/models/';
  return method === 'GET' && path.startsWith(prefix)
    ? { operation: oneModel, pathModel: decodeURIComponent(path.slice(prefix.length)) }
    : undefined;
}

/** Anthropic. */
export const anthropic: Dialect = {
  presentedKey: (headers) => headers['x-api-key']?.toString() ?? bearerKey(headers),
  route,
  headers: ({ requestId, organisation, limits, nowMs }) => ({
    'request-id': `req_${requestId}`,
    ...(organisation && { 'anthropic-organization-id': organisation }),
    ...anthropicLimitHeaders(limits, nowMs),
  }),
  refuse: anthropicRefusal,
  overloadedStatus: 529,
  defaultModels: ['claude-sonnet-4-5', 'claude-haiku-4-5', 'claude-opus-4-5'],
};
