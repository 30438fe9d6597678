import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { Observable } from 'rxjs';
import { AccessJournal, auditedAs } from '#audit';
import { originOf } from './origin-of.js';

/** Every event of the audit log that an admin request leads to says whose request it was; its answer says its id. */
@Injectable()
export class AuditedInterceptor implements NestInterceptor {
  constructor(private readonly journal: AccessJournal) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const http = context.switchToHttp();
    const origin = originOf(http.getRequest<FastifyRequest>());
    void http.getResponse<FastifyReply>().header('x-request-id', origin.requestId);
    this.journal.used(origin);
    return new Observable((subscriber) => auditedAs(origin, () => next.handle().subscribe(subscriber)));
  }
}
