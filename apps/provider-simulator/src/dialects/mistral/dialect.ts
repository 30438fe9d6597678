import { compatible } from '../compatible.js';
import type { Dialect } from '../dialect.js';
import { chatUsage } from '../openai/common.js';
import { openAiRoutes } from '../openai/routes.js';
import { mistralRefusal } from './refusals.js';

/** Mistral: usage comes unasked in the last chunk of a stream, a tool call in one chunk, and embeddings have an id. */
export const mistral: Dialect = {
  ...compatible,
  route: openAiRoutes({
    lastChunk: ({ usage }) => ({ usage: chatUsage(usage) }),
    wholeToolCalls: true,
    embeddings: ({ id }) => ({ id: `embd-${id}` }),
  }),
  refuse: mistralRefusal,
  overloadedStatus: 503,
  defaultModels: ['mistral-small-latest', 'mistral-large-latest', 'mistral-embed'],
};
