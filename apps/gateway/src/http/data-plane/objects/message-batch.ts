import type { Caller } from '#api-keys';
import { DomainError } from '#kernel';
import type { JsonObject } from '../read-json.js';
import type { ObjectReference } from './object-bindings.js';
import { filesInMessages } from './object-references.js';

/** A batch of messages, ready for its provider. */
export interface MessageBatch {
  readonly body: Buffer;
  readonly references: readonly ObjectReference[];
}

const mostRequests = 100_000;

/**
 * Reads a batch of messages. Models are called as the provider does, or `provider/model`; routes have no say in batches.
 *
 * @param provider whose name may stand before the models
 * @param body as it came
 * @throws DomainError `invalid_request`, or `model_not_allowed` for a model that the key may not use
 */
export function readMessageBatch(
  json: JsonObject,
  body: Buffer,
  provider: string,
  caller: Caller,
): MessageBatch {
  const { requests } = json;
  if (!Array.isArray(requests) || requests.length > mostRequests) {
    const fault = `must be a list of up to ${mostRequests} requests`;
    throw new DomainError('invalid_request', `'requests' ${fault}.`, { field: 'requests' });
  }
  let isChanged = false;
  const references: ObjectReference[] = [];
  const renamed = requests.map((request: unknown) => {
    const params = paramsOf(request);
    if (params === null) return request;
    references.push(...filesInMessages(params));
    const { model } = params;
    if (typeof model !== 'string') return request;
    refuseForbidden(model, provider, caller);
    if (!model.startsWith(`${provider}/`)) return request;
    isChanged = true;
    return { ...(request as object), params: { ...params, model: model.slice(provider.length + 1) } };
  });
  return { body: isChanged ? Buffer.from(JSON.stringify({ ...json, requests: renamed })) : body, references };
}

function paramsOf(request: unknown): JsonObject | null {
  const params = typeof request === 'object' && request !== null ? (request as JsonObject)['params'] : null;
  return typeof params === 'object' && params !== null ? (params as JsonObject) : null;
}

/** A rule may name the model with its provider or without. */
function refuseForbidden(model: string, provider: string, caller: Caller): void {
  const named = model.startsWith(`${provider}/`) ? model : `${provider}/${model}`;
  if (caller.permit?.reaches(model, provider, named.slice(provider.length + 1)) !== false) return;
  throw new DomainError('model_not_allowed', `The key may not use the model '${named}'.`, {
    field: 'requests',
  });
}

/**
 * A file of requests passes unread, so that nobody knows which models it uses.
 *
 * @throws DomainError `model_not_allowed` for a key that may not use all models
 */
export function refuseUnreadBatch({ models: { allow, deny } }: Caller): void {
  if (allow.length === 0 && deny.length === 0) return;
  const text = 'The key may use certain models only, and so no batches of files.';
  throw new DomainError('model_not_allowed', text);
}
