import { randomUUIDv7 } from 'node:crypto';
import type { RequestListener } from 'node:http';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { FastifyRequest } from 'fastify';
import type { GatewayConfig } from '#config';
import { DomainError } from '#kernel';
import type { FrontDoor } from './front-door.js';
import { answerClientError } from './late-requests.js';

/** How long clients may take; who takes longer is answered 408, as far as the connection still can, and cut off. */
export interface ServerTimeouts {
  /** To send the headers of a request. */
  readonly headersMs: number;
  /** To send the whole request. */
  readonly requestMs: number;
  /** How often this is looked after: clients may be late by as much. */
  readonly checkEveryMs: number;
}

const usualTimeouts: ServerTimeouts = { headersMs: 15_000, requestMs: 120_000, checkEveryMs: 5_000 };
/** Longer than the idle time of usual load balancers, so that they close first. */
const keepAliveTimeoutMs = 75_000;

/** Anybody may send a claim: a token in JSON, and no more. */
const mostClaimBytes = 4_096;

/** What stands behind the front door for everything but calls: bounds on what clients may send, admin bodies as JSON. */
export function createFastifyAdapter(
  door: FrontDoor,
  { server }: GatewayConfig,
  { headersMs, requestMs, checkEveryMs }: ServerTimeouts = usualTimeouts,
): FastifyAdapter {
  const timeouts = {
    headersTimeout: headersMs,
    requestTimeout: requestMs,
    keepAliveTimeout: keepAliveTimeoutMs,
    connectionsCheckingInterval: checkEveryMs,
  };
  const adapter = new FastifyAdapter({
    bodyLimit: server.maxBodyBytes,
    serverFactory: (rest: RequestListener) => door.createServer(timeouts, rest),
    logger: false,
    clientErrorHandler: answerClientError,
    genReqId: () => randomUUIDv7(),
    forceCloseConnections: 'idle',
    routerOptions: { maxParamLength: 512 },
  });
  const fastify = adapter.getInstance();
  fastify.removeAllContentTypeParsers();
  fastify.addHook('onRoute', (route) => {
    if (route.url === '/claims') route.bodyLimit = mostClaimBytes;
  });
  fastify.addContentTypeParser('*', { parseAs: 'buffer' }, takeBody);
  return adapter;
}

type BodyTaken = (error: Error | null, body?: unknown) => void;

function takeBody(request: FastifyRequest, body: Buffer, done: BodyTaken): void {
  if (!request.url.startsWith('/admin/') && !request.url.startsWith('/claims')) return done(null, body);
  try {
    done(null, parseAdminBody(request, body));
  } catch (error) {
    done(error as Error);
  }
}

function parseAdminBody({ headers }: FastifyRequest, body: Buffer): unknown {
  if (body.length === 0) return undefined;
  if (headers['content-type']?.startsWith('application/json') !== true) {
    throw new DomainError('unsupported_media_type', 'Send the body as content-type application/json.');
  }
  try {
    return JSON.parse(body.toString('utf8')) as unknown;
  } catch {
    throw new DomainError('invalid_request', 'The request body is not valid JSON.');
  }
}
