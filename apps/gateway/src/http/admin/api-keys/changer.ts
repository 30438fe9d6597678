import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { KeyChanger } from '#api-keys';
import { callerOf } from '../../data-plane/authenticated-request.js';

/** Who asks for a change of keys, what it may do itself, and from where it asks. */
export const Changer = createParamDecorator((_data: unknown, context: ExecutionContext): KeyChanger => {
  const request = context.switchToHttp().getRequest<FastifyRequest>();
  return { ...callerOf(request), address: request.clientAddress };
});
