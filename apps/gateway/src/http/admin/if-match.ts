import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '#kernel';

/**
 * The version a change is based on, from `If-Match: "3"` (quotes and `W/` optional).
 *
 * @throws DomainError `precondition_required` without the header, `invalid_request` when it holds no version
 */
export const IfMatch = createParamDecorator((_data: unknown, context: ExecutionContext): number => {
  const header = context.switchToHttp().getRequest<FastifyRequest>().headers['if-match'];
  if (header === undefined) {
    throw new DomainError('precondition_required', 'Send If-Match with the version the change is based on.');
  }
  const version = /^(?:W\/)?"?(\d{1,9})"?$/.exec(header.trim())?.[1];
  if (version === undefined) {
    throw new DomainError('invalid_request', 'If-Match must hold a version.', { field: 'If-Match' });
  }
  return Number(version);
});
