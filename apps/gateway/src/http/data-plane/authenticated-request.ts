import type { FastifyRequest } from 'fastify';
import type { Caller, IpAddress } from '#api-keys';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who calls; set before the body is read on every route that needs a key. */
    caller: Caller | null;
    /** From where, as trusted proxies tell; `null` when it cannot be told. */
    clientAddress: IpAddress | null;
  }
}

/** @returns the caller the authentication hook has set; a route without it is a fault of ours */
export function callerOf(request: FastifyRequest): Caller {
  if (request.caller === null) throw new Error('the route was reached without authentication');
  return request.caller;
}
