import type { FastifyInstance, FastifyRequest } from 'fastify';
import { extractPresentedKey, type ApiKeyVerifier, type Caller } from '#api-keys';
import { DomainError } from '#kernel';
import { wireFormatOf } from './wire-format-of.js';

/**
 * Lets only known keys past, before a single byte of the body is read. Data plane routes need the scope `call`; admin
 * routes declare theirs on the controller.
 */
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

function authenticate(request: FastifyRequest, verifier: ApiKeyVerifier): Caller | null {
  const isDataPlane = wireFormatOf(request) !== null;
  if (!isDataPlane && !request.url.startsWith('/admin/')) return null;
  const presented = extractPresentedKey(request.headers);
  const caller = presented.kind === 'presented' ? verifier.verify(presented.key) : null;
  if (caller === null) throw new DomainError('invalid_api_key', 'The API key is missing or not valid.');
  if (isDataPlane && !caller.scopes.has('call')) {
    throw new DomainError('insufficient_scope', "The API key lacks the scope 'call'.");
  }
  return caller;
}
