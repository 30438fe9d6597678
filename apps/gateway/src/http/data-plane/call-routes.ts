import type { OpenAPIObject } from '@nestjs/swagger';
import { anthropicRoutes } from '../anthropic/endpoints.js';
import { geminiEndpoint, geminiPath } from '../gemini/endpoints.js';
import { openaiRoutes } from '../openai/endpoints.js';
import { objectRoutes } from './objects/object-routes.js';
import type { CallRoute, Endpoint } from './call-reader.js';

const routes: readonly CallRoute[] = [...openaiRoutes, ...anthropicRoutes];
const endpoints: ReadonlyMap<string, Endpoint> = new Map(
  routes.map(({ path, endpoint }) => [path, endpoint]),
);

/** A path without its query, and the query with its question mark. */
function split(url: string): { path: string; query: string } {
  const mark = url.indexOf('?');
  return mark === -1 ? { path: url, query: '' } : { path: url.slice(0, mark), query: url.slice(mark) };
}

/** Whether a POST to this URL is a call of the data plane. */
export function isCall(url: string): boolean {
  return endpoints.has(url) || url.startsWith(geminiPath) || endpoints.has(split(url).path);
}

/**
 * What a POST to this URL asks for.
 *
 * @param url one that {@link isCall} knows
 * @throws DomainError as {@link geminiEndpoint} does
 */
export function endpointOf(url: string): Endpoint {
  const plain = endpoints.get(url);
  if (plain !== undefined) return plain;
  const { path, query } = split(url);
  return endpoints.get(path) ?? geminiEndpoint(path, query);
}

/** Adds the calls of the data plane to the document of the API: their bodies are the providers' own. */
export function documentCalls(document: OpenAPIObject): OpenAPIObject {
  for (const { path, tag, summary } of [...routes, geminiRoute]) {
    document.paths[path] = {
      ...document.paths[path],
      post: { tags: [tag], summary, security: [{ bearer: [] }], requestBody: anyJson, responses: asProvider },
    };
  }
  for (const { method, base, path: behind, wireFormat, summary, body } of objectRoutes) {
    const path = base + behind;
    document.paths[path] = {
      ...document.paths[path],
      [method.toLowerCase()]: {
        tags: [tags[wireFormat]],
        summary,
        security: [{ bearer: [] }],
        ...(path.includes('{id}') ? { parameters: [idParameter] } : {}),
        ...(body === 'json' ? { requestBody: anyJson } : {}),
        ...(body === 'bytes' ? { requestBody: anyBytes } : {}),
        ...(body === 'form' ? { requestBody: anyForm } : {}),
        responses: asProvider,
      },
    };
  }
  return document;
}

const geminiRoute = {
  path: `${geminiPath}{modelAndVerb}`,
  tag: 'Gemini',
  summary: 'generateContent, streamGenerateContent, embedContent, batchEmbedContents, countTokens',
};
const tags = { openai: 'OpenAI', anthropic: 'Anthropic', gemini: 'Gemini' } as const;
const anyJson = { content: { 'application/json': { schema: { type: 'object' as const } } } };
const anyForm = { content: { 'multipart/form-data': { schema: { type: 'object' as const } } } };
const anyBytes = { content: { '*/*': { schema: { type: 'string' as const, format: 'binary' } } } };
const idParameter = { name: 'id', in: 'path' as const, required: true, schema: { type: 'string' as const } };
const asProvider = {
  '200': { description: "The provider's own answer" },
  default: { description: "An error in the caller's wire format; see docs/failure-modes.md" },
};
