import type { IncomingHttpHeaders } from 'node:http';
import type { FastifyInstance, FastifyRequest } from 'fastify';
import { extractPresentedKey, type ApiKeyVerifier, type Caller, type PresentedKey } from '#api-keys';
import { DomainError } from '#kernel';
import { wireFormatOf } from './wire-format-of.js';

/** Lets only known keys past, before a single byte of the body is read. Admin routes declare the scope they need. */
export function authenticateRequests(fastify: FastifyInstance, verifier: ApiKeyVerifier): void {
  fastify.decorateRequest('caller', null);
  fastify.addHook('onRequest', (request, _reply, done) => {
    try {
      request.caller = authenticate(request, verifier);
      done();
    } catch (error) {
      done(error as Error);
    }
  });
}

/**
 * Who makes a call of the data plane.
 *
 * @throws DomainError `invalid_api_key`, `insufficient_scope`
 */
export function authenticateCall(headers: IncomingHttpHeaders, verifier: ApiKeyVerifier): Caller {
  const caller = callerBehind(headers, verifier);
  if (caller.scopes.has('call')) return caller;
  throw new DomainError('insufficient_scope', "The API key lacks the scope 'call'.");
}

function authenticate(request: FastifyRequest, verifier: ApiKeyVerifier): Caller | null {
  if (wireFormatOf(request) !== null) return authenticateCall(request.headers, verifier);
  return request.url.startsWith('/admin/') ? callerBehind(request.headers, verifier) : null;
}

/** A key that is malformed, unknown, revoked or expired is refused in the same words: which it is, is nobody's business. */
const refusals: Readonly<Record<PresentedKey['kind'], string>> = {
  missing: 'No API key was sent: use Authorization: Bearer, x-api-key or x-goog-api-key.',
  ambiguous: 'Two different API keys were sent.',
  presented: 'The API key is not valid.',
};

function callerBehind(headers: IncomingHttpHeaders, verifier: ApiKeyVerifier): Caller {
  const presented = extractPresentedKey(headers);
  const caller = presented.kind === 'presented' ? verifier.verify(presented.key) : null;
  if (caller === null) throw new DomainError('invalid_api_key', refusals[presented.kind]);
  return caller;
}
