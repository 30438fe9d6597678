import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { from, lastValueFrom, of, type Observable } from 'rxjs';
import { AuditTrail } from '#audit';
import { DomainError } from '#kernel';
import { callerOf } from '../../data-plane/authenticated-request.js';
import { IdempotentAnswers, type Claim, type KeyedRequest } from './idempotent-answers.js';

/**
 * Answers a POST with an `Idempotency-Key` that has succeeded within the last 24 hours as it was answered then, and does
 * nothing. A request that failed may be sent again with the same key.
 */
@Injectable()
export class IdempotencyInterceptor implements NestInterceptor {
  constructor(
    private readonly answers: IdempotentAnswers,
    private readonly audit: AuditTrail,
  ) {}

  async intercept(context: ExecutionContext, next: CallHandler): Promise<Observable<unknown>> {
    const http = context.switchToHttp();
    const request = keyedRequest(http.getRequest<FastifyRequest>());
    if (request === null) return next.handle();
    const reply = http.getResponse<FastifyReply>();
    const known = await this.answers.claim(request);
    if (known.kind === 'claimed') return from(this.doIt(known, request, reply, next));
    const { url: path } = http.getRequest<FastifyRequest>();
    await this.audit.record([{ action: 'answer.replayed', targets: [], facts: { path } }]);
    void reply.status(known.status).header('idempotent-replayed', 'true');
    return of(known.body);
  }

  private async doIt(
    claim: Claim,
    request: KeyedRequest,
    { statusCode: status }: FastifyReply,
    next: CallHandler,
  ): Promise<unknown> {
    try {
      const body: unknown = await lastValueFrom(next.handle());
      await this.answers.keep(claim, request, { status, body });
      return body;
    } catch (error) {
      await this.answers.release(claim, request);
      throw error;
    }
  }
}

/** @throws DomainError `invalid_request` for a key that is no printable text of 1 to 255 characters */
function keyedRequest(request: FastifyRequest): KeyedRequest | null {
  const key = request.headers['idempotency-key'];
  if (request.method !== 'POST' || key === undefined) return null;
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,255}$/.test(key)) {
    throw new DomainError('invalid_request', 'Idempotency-Key must have 1 to 255 printable characters.', {
      field: 'Idempotency-Key',
    });
  }
  const caller = callerOf(request).apiKeyId ?? 'root';
  return { caller, key, content: `${request.url}\n${JSON.stringify(request.body)}` };
}
