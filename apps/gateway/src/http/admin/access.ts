import {
  applyDecorators,
  Injectable,
  SetMetadata,
  UseGuards,
  type CanActivate,
  type ExecutionContext,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import { ApiExtension } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { Scope } from '#api-keys';
import { DomainError } from '#kernel';
import { callerOf } from '../data-plane/authenticated-request.js';

const requiredScope = 'requiredScope';

/** Lets a request past when its key has the scope the route declares; a route that declares none is open to nobody. */
@Injectable()
export class AccessGuard implements CanActivate {
  constructor(private readonly reflector: Reflector) {}

  canActivate(context: ExecutionContext): boolean {
    const scope = this.reflector.get<Scope | undefined>(requiredScope, context.getHandler());
    const { scopes } = callerOf(context.switchToHttp().getRequest<FastifyRequest>());
    if (scope !== undefined && scopes.has(scope)) return true;
    throw new DomainError('insufficient_scope', `The API key lacks the scope '${scope ?? 'of this route'}'.`);
  }
}

/** Declares the scope a route needs, for the guard and for the OpenAPI document (`x-required-scope`). */
export function Access(scope: Scope): MethodDecorator {
  return applyDecorators(
    SetMetadata(requiredScope, scope),
    UseGuards(AccessGuard),
    ApiExtension('x-required-scope', scope),
  );
}
