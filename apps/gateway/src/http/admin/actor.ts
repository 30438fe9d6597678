import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { callerOf } from '../data-plane/authenticated-request.js';

/** Who does it, for timelines: the id of the system key, or `root` for the root admin secret. */
export const Actor = createParamDecorator((_data: unknown, context: ExecutionContext): string => {
  return callerOf(context.switchToHttp().getRequest<FastifyRequest>()).apiKeyId ?? 'root';
});
