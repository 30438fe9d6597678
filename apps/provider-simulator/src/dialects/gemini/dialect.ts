import type { Dialect, Operation, Route } from '../dialect.js';
import { routesById } from '../find-by-id.js';
import { caches } from './caches.js';
import { batchEmbedContents, embedContent } from './embed.js';
import { files } from './files.js';
import { countTokens, generateContent, streamGenerateContent } from './generate.js';
import { getModel, listModels } from './models.js';
import { geminiRefusal } from './refusals.js';
import { uploads } from './uploads.js';

const verbs: Readonly<Record<string, Operation>> = {
  generateContent,
  streamGenerateContent,
  embedContent,
  batchEmbedContents,
  countTokens,
};

const ofKept = routesById({ ...uploads, ...files, ...caches });

/** `/v1beta/models`, `/v1beta/models/{model}`, `/v1beta/models/{model}:{verb}`; v1 and v1alpha as well. */
const shape = /^\/v1(?:beta|alpha)?\/models(?:\/([^:]+)(?::(\w+))?)?$/;

function route(method: string, path: string): Route | undefined {
  const [matched, id, verb] = shape.exec(path) ?? [];
  if (matched === undefined) return ofKept(`${method} ${path}`);
  const pathModel = decodeURIComponent(id ?? '');
  if (method === 'GET' && verb === undefined) {
    return { operation: id === undefined ? listModels : getModel, pathModel };
  }
  const operation = method === 'POST' && verb && Object.hasOwn(verbs, verb) ? verbs[verb] : undefined;
  return operation && { operation, pathModel };
}

/** Google's Gemini API. It has no limit headers at all. */
export const gemini: Dialect = {
  presentedKey: (headers, query) =>
    headers['x-goog-api-key']?.toString() ?? new URLSearchParams(query).get('key') ?? undefined,
  route,
  headers: ({ requestId }) => ({ 'x-gemini-request-id': requestId, server: 'scaffolding on HTTPServer2' }),
  refuse: geminiRefusal,
  overloadedStatus: 503,
  defaultModels: ['gemini-2.5-flash', 'gemini-2.5-pro', 'gemini-embedding-001'],
};
