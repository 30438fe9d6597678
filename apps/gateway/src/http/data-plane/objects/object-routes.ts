import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectKind, ObjectPath, WireFormat } from '#ai-provider';
import { DomainError } from '#kernel';
import { wireFormatOf } from '../../wire-format-of.js';

/** What a request wants of a collection of things that providers keep. */
export interface ObjectRoute {
  readonly kind: ObjectKind;
  readonly wireFormat: WireFormat;
  readonly method: ObjectPath['method'];
  /** The version of the API. */
  readonly base: '/v1' | '/v1beta' | '/upload/v1beta';
  /** Behind the version; `{id}` stands for the thing. */
  readonly path: string;
  readonly does: 'create' | 'upload' | 'list' | 'read' | 'change' | 'delete';
  readonly body: 'none' | 'json' | 'form' | 'bytes';
  /** Whether a success is no JSON, or may be large, and is passed on as it comes. */
  readonly asBytes: boolean;
  readonly summary: string;
}

/** A request found among the routes. */
export interface FoundObject {
  readonly route: ObjectRoute;
  /** Empty where the route names none. */
  readonly id: string;
  /** With its question mark; empty for none. */
  readonly query: string;
}

type Row = readonly [
  method: ObjectRoute['method'],
  path: string,
  does: ObjectRoute['does'],
  summary: string,
  more?: Partial<Pick<ObjectRoute, 'base' | 'body' | 'asBytes'>>,
];

const routesOf = (kind: ObjectKind, wireFormat: WireFormat, rows: readonly Row[]): readonly ObjectRoute[] =>
  rows.map(([method, path, does, summary, more = {}]) => ({
    kind,
    wireFormat,
    method,
    base: more.base ?? (wireFormat === 'gemini' ? '/v1beta' : '/v1'),
    path,
    does,
    summary,
    body: more.body ?? 'none',
    asBytes: more.asBytes ?? false,
  }));

/** Everything that providers keep and hand out by id, in the order of the documentation. */
export const objectRoutes: readonly ObjectRoute[] = [
  ...routesOf('files', 'openai', [
    ['POST', '/files', 'create', 'Upload a file', { body: 'form' }],
    ['GET', '/files', 'list', 'List the files that the key has uploaded'],
    ['GET', '/files/{id}', 'read', 'Show a file'],
    ['GET', '/files/{id}/content', 'read', 'Get the content of a file', { asBytes: true }],
    ['DELETE', '/files/{id}', 'delete', 'Delete a file'],
  ]),
  ...routesOf('batches', 'openai', [
    ['POST', '/batches', 'create', 'Create a batch from an uploaded file', { body: 'json' }],
    ['GET', '/batches', 'list', 'List the batches that the key has created'],
    ['GET', '/batches/{id}', 'read', 'Show a batch'],
    ['POST', '/batches/{id}/cancel', 'change', 'Cancel a batch'],
  ]),
  ...routesOf('responses', 'openai', [
    ['GET', '/responses/{id}', 'read', 'Show a response, plain or streamed', { asBytes: true }],
    ['GET', '/responses/{id}/input_items', 'read', 'List the input of a response'],
    ['POST', '/responses/{id}/cancel', 'change', 'Cancel a response in the background'],
    ['DELETE', '/responses/{id}', 'delete', 'Delete a response'],
  ]),
  ...routesOf('anthropic_files', 'anthropic', [
    ['POST', '/files', 'create', 'Upload a file', { body: 'form' }],
    ['GET', '/files', 'list', 'List the files that the key has uploaded'],
    ['GET', '/files/{id}', 'read', 'Show a file'],
    ['GET', '/files/{id}/content', 'read', 'Get the content of a file', { asBytes: true }],
    ['DELETE', '/files/{id}', 'delete', 'Delete a file'],
  ]),
  ...routesOf('message_batches', 'anthropic', [
    ['POST', '/messages/batches', 'create', 'Create a batch of messages', { body: 'json' }],
    ['GET', '/messages/batches', 'list', 'List the batches that the key has created'],
    ['GET', '/messages/batches/{id}', 'read', 'Show a batch'],
    ['GET', '/messages/batches/{id}/results', 'read', 'Get the results of a batch', { asBytes: true }],
    ['POST', '/messages/batches/{id}/cancel', 'change', 'Cancel a batch'],
    ['DELETE', '/messages/batches/{id}', 'delete', 'Delete a batch'],
  ]),
  ...routesOf('gemini_files', 'gemini', [
    ['POST', '/files', 'upload', 'Upload a file', { base: '/upload/v1beta', body: 'bytes' }],
    ['GET', '/files', 'list', 'List the files that the key has uploaded'],
    ['GET', '/files/{id}', 'read', 'Show a file'],
    ['GET', '/files/{id}:download', 'read', 'Get the content of a file', { asBytes: true }],
    ['DELETE', '/files/{id}', 'delete', 'Delete a file'],
  ]),
  ...routesOf('gemini_caches', 'gemini', [
    ['POST', '/cachedContents', 'create', 'Cache content for calls to come', { body: 'json' }],
    ['GET', '/cachedContents', 'list', 'List the caches that the key has made'],
    ['GET', '/cachedContents/{id}', 'read', 'Show a cache'],
    ['PATCH', '/cachedContents/{id}', 'change', 'Change when a cache ends', { body: 'json' }],
    ['DELETE', '/cachedContents/{id}', 'delete', 'Delete a cache'],
  ]),
];

/** Ids are of these, Gemini's without what stands before its verbs; no step upwards in a path can be made of them. */
const idPatterns: Readonly<Record<ObjectRoute['base'], string>> = {
  '/v1': '([A-Za-z0-9][\\w.:-]{0,255})',
  '/v1beta': '([A-Za-z0-9][\\w-]{0,255})',
  '/upload/v1beta': '',
};
const longestQuery = 2_048;
/** What of a query Gemini is told; it would take a key there, or answer in another form. */
const geminiParameters: ReadonlySet<string> = new Set(['updateMask', 'update_mask']);

const matchers = objectRoutes.map((route) => ({
  route,
  pattern: new RegExp(`^${route.base}${route.path.replace('{id}', idPatterns[route.base])}$`),
}));

/**
 * Finds what a request wants. Collections of the same path are told apart as their SDKs are: by Anthropic's version header.
 *
 * @returns `null` for what is none of these
 */
export function findObject(method: string, url: string, headers: IncomingHttpHeaders): FoundObject | null {
  const wireFormat = wireFormatOf({ url, headers });
  if (wireFormat === null) return null;
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  for (const { route, pattern } of matchers) {
    if (route.method !== method || route.wireFormat !== wireFormat) continue;
    const match = pattern.exec(path);
    if (match !== null) return { route, id: match[1] ?? '', query: mark === -1 ? '' : url.slice(mark) };
  }
  return null;
}

/** The path at the provider. @throws DomainError `invalid_request` for a query that cannot be passed on */
export function objectPath({ route, id, query }: FoundObject): ObjectPath {
  if (query.length > longestQuery || !/^[\x21-\x7e]*$/.test(query)) {
    throw new DomainError('invalid_request', 'The query cannot be passed on.');
  }
  const { kind, method, base, path } = route;
  const passed = route.wireFormat === 'gemini' ? geminiQuery(route, query) : query;
  return { kind, method, path: placeOf(base) + path.replace('{id}', id) + passed };
}

/** What stands before a path for the provider: where its version does not tell all, the version. */
export const placeOf = (base: ObjectRoute['base']): string => (base === '/v1' ? '' : base);

function geminiQuery({ asBytes }: ObjectRoute, query: string): string {
  const given = [...new URLSearchParams(query)].filter(([name]) => geminiParameters.has(name));
  const passed = new URLSearchParams(asBytes ? { alt: 'media' } : given).toString();
  return passed === '' ? '' : `?${passed}`;
}
