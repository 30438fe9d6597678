import { Inject, Injectable, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import {
  InjectThrottlerOptions,
  ThrottlerGuard,
  type ThrottlerLimitDetail,
  type ThrottlerModuleOptions,
} from '@nestjs/throttler';
import type { FastifyRequest } from 'fastify';
import { LimitStore, SharedThrottlerStorage } from '#api-keys';
import { DomainError } from '#kernel';
import { networkOf } from '../network-of.js';

/** Bounds how often one client may use an admin route, and tells it how long to wait. */
@Injectable()
export class AdminThrottleGuard extends ThrottlerGuard {
  constructor(
    @InjectThrottlerOptions() options: ThrottlerModuleOptions,
    // Said outright: the parent's own mark on this parameter would count otherwise.
    @Inject(LimitStore) limits: LimitStore,
    reflector: Reflector,
  ) {
    super(options, new SharedThrottlerStorage(limits), reflector);
  }

  protected override getTracker(request: FastifyRequest): Promise<string> {
    return Promise.resolve(networkOf(request.clientAddress));
  }

  protected override throwThrottlingException(
    _context: ExecutionContext,
    { timeToBlockExpire }: ThrottlerLimitDetail,
  ): Promise<void> {
    throw new DomainError('rate_limit_exceeded', 'Too many requests to this route came from this address.', {
      retryAfterSeconds: timeToBlockExpire,
    });
  }
}
