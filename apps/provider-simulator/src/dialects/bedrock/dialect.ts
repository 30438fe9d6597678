import { json } from '../answers.js';
import type { Dialect, Operation, Route } from '../dialect.js';
import { bearerKey } from '../openai/dialect.js';
import { reading } from '../request-body.js';
import { converse, converseStream } from './converse.js';
import { bedrockRefusal } from './refusals.js';
import { accessKeyIn, isSignedWith } from './signature.js';

/** `GET /foundation-models`, of the control plane. */
const listModels: Operation = {
  name: 'models',
  read: ({ models }) =>
    reading({
      model: '',
      cost: 'free',
      answer: () => json({ modelSummaries: models.map((modelId) => ({ modelId })) }),
    }),
};

const verbs: Readonly<Record<string, Operation>> = { converse, 'converse-stream': converseStream };
const shape = /^\/model\/([^/]+)\/([a-z-]+)$/;

function route(method: string, path: string): Route | undefined {
  if (`${method} ${path}` === 'GET /foundation-models') return { operation: listModels, pathModel: '' };
  const [, id = '', verb = ''] = shape.exec(path) ?? [];
  const operation = method === 'POST' && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  return operation && { operation, pathModel: decodeURIComponent(id) };
}

/** Amazon Bedrock, for models that are reached by Converse. */
export const bedrock: Dialect = {
  presentedKey: (headers) => accessKeyIn(headers.authorization ?? '') ?? bearerKey(headers),
  isProven: isSignedWith,
  route,
  headers: ({ requestId }) => ({ 'x-amzn-requestid': requestId }),
  refuse: bedrockRefusal,
  overloadedStatus: 503,
  defaultModels: ['amazon.nova-pro-v1:0', 'amazon.nova-lite-v1:0', 'meta.llama3-3-70b-instruct-v1:0'],
};
