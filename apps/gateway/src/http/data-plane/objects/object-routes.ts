import type { IncomingHttpHeaders } from 'node:http';
import type { ObjectKind, ObjectPath, WireFormat } from '#ai-provider';
import { DomainError } from '#kernel';

/** What a request wants of a collection of things that providers keep. */
export interface ObjectRoute {
  readonly kind: ObjectKind;
  readonly wireFormat: WireFormat;
  readonly method: ObjectPath['method'];
  /** Behind `/v1`; `{id}` stands for the thing. */
  readonly path: string;
  readonly does: 'create' | 'list' | 'read' | 'change' | 'delete';
  readonly body: 'none' | 'json' | 'form';
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
  more?: Partial<Pick<ObjectRoute, 'body' | 'asBytes'>>,
];

const routesOf = (kind: ObjectKind, wireFormat: WireFormat, rows: readonly Row[]): readonly ObjectRoute[] =>
  rows.map(([method, path, does, summary, more = {}]) => ({
    kind,
    wireFormat,
    method,
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
];

/** Ids of every provider are of these; no step upwards in a path can be made of them. */
const idPattern = '([A-Za-z0-9][\\w.:-]{0,255})';
const longestQuery = 2_048;

const matchers = objectRoutes.map((route) => ({
  route,
  pattern: new RegExp(`^/v1${route.path.replace('{id}', idPattern)}$`),
}));

/**
 * Finds what a request wants. Collections of the same path are told apart as their SDKs are: by Anthropic's version header.
 *
 * @returns `null` for what is none of these
 */
export function findObject(method: string, url: string, headers: IncomingHttpHeaders): FoundObject | null {
  const mark = url.indexOf('?');
  const path = mark === -1 ? url : url.slice(0, mark);
  const isAnthropic = path.startsWith('/v1/messages/') || headers['anthropic-version'] !== undefined;
  for (const { route, pattern } of matchers) {
    if (route.method !== method || (route.wireFormat === 'anthropic') !== isAnthropic) continue;
    const match = pattern.exec(path);
    if (match !== null) return { route, id: match[1] ?? '', query: mark === -1 ? '' : url.slice(mark) };
  }
  return null;
}

/** The path at the provider. @throws DomainError `invalid_request` for a query that cannot be passed on */
export function objectPath({ route: { kind, method, path }, id, query }: FoundObject): ObjectPath {
  if (query.length > longestQuery || !/^[\x21-\x7e]*$/.test(query)) {
    throw new DomainError('invalid_request', 'The query cannot be passed on.');
  }
  return { kind, method, path: path.replace('{id}', id) + query };
}
