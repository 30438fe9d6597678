import type { FastifyRequest } from 'fastify';
import { formatIpAddress } from '#api-keys';
import type { AuditOrigin } from '#audit';
import { callerOf } from '../../data-plane/authenticated-request.js';

/** Where the events of an admin request come from. */
export function originOf(request: FastifyRequest): AuditOrigin {
  const { apiKeyId } = callerOf(request);
  const correlation = request.headers['x-correlation-id'];
  return {
    actor: apiKeyId === null ? { kind: 'root', id: null } : { kind: 'api_key', id: apiKeyId },
    ip: addressOf(request),
    requestId: request.id,
    correlationId: typeof correlation === 'string' ? correlation : null,
  };
}

/** The address of a client as the audit log has it; `null` when it cannot be told. */
export const addressOf = ({ clientAddress }: FastifyRequest): string | null =>
  clientAddress === null ? null : formatIpAddress(clientAddress);
