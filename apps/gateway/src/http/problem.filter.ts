import { Catch, HttpException, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify';
import { DomainError, errorCodes, type ErrorCode } from '#kernel';
import { Logger } from '#observability';
import { isDatabaseDown } from '#persistence';
import type { EdgeError } from './data-plane/edge-error.js';
import { errorBodies } from './data-plane/wire-error.js';
import { problemBody } from './problem-body.js';
import { wireFormatOf } from './wire-format-of.js';

const fastifyCodes: Readonly<Record<string, ErrorCode>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: 'request_too_large',
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: 'invalid_request',
  FST_ERR_CTP_INVALID_JSON_BODY: 'invalid_request',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'invalid_request',
  FST_ERR_BAD_URL: 'not_found',
};
const statusCodes: Readonly<Record<number, ErrorCode>> = {
  400: 'invalid_request',
  404: 'not_found',
  405: 'method_not_allowed',
  413: 'request_too_large',
  415: 'unsupported_media_type',
  429: 'rate_limit_exceeded',
};

/** The only place where an error becomes a status and a body: in the wire format of the route, or problem+json. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(private readonly logger: Logger) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const error = asDomainError(thrown);
    this.log(error, thrown, request);
    if (reply.raw.headersSent) {
      // Nothing can be said any more; a closed connection is the honest end of half an answer.
      reply.raw.destroy();
      return;
    }
    const edge = edgeError(error, request.id);
    const wireFormat = wireFormatOf(request);
    if (edge.retryAfterSeconds !== null) void reply.header('retry-after', edge.retryAfterSeconds);
    // A body that was not read to its end would be taken for the next request of the connection.
    if (error.code === 'request_too_large') void reply.header('connection', 'close');
    void reply
      .status(edge.status)
      .header('x-request-id', request.id)
      .header('content-type', wireFormat === null ? 'application/problem+json' : 'application/json')
      .send(
        JSON.stringify(wireFormat === null ? problemBody(error, edge) : errorBodies[wireFormat].body(edge)),
      );
  }

  private log(error: DomainError, thrown: unknown, request: FastifyRequest): void {
    const fields = { requestId: request.id, code: error.code, error: error.details.cause ?? thrown };
    if (errorCodes[error.code].status >= 500) this.logger.error(error.message, fields);
    else this.logger.debug(error.message, { requestId: request.id, code: error.code });
  }
}

function asDomainError(thrown: unknown): DomainError {
  if (thrown instanceof DomainError) return thrown;
  if (isDatabaseDown(thrown)) {
    return new DomainError('storage_unavailable', 'The database cannot be reached; nothing was changed.', {
      cause: thrown,
    });
  }
  if (thrown instanceof HttpException) return fromStatus(thrown.getStatus(), thrown.message, thrown);
  const { code, message, statusCode } = (thrown ?? {}) as Partial<FastifyError>;
  const known = code === undefined ? undefined : fastifyCodes[code];
  if (known !== undefined) return new DomainError(known, message ?? errorCodes[known].when);
  if (statusCode !== undefined && statusCode < 500) return fromStatus(statusCode, message ?? '', thrown);
  return new DomainError('internal_error', 'Something went wrong on our side.', { cause: thrown });
}

function fromStatus(status: number, message: string, cause: unknown): DomainError {
  const code = statusCodes[status] ?? (status < 500 ? 'invalid_request' : 'internal_error');
  if (code === 'internal_error') return new DomainError(code, 'Something went wrong on our side.', { cause });
  return new DomainError(code, message, code === 'rate_limit_exceeded' ? { retryAfterSeconds: 60 } : {});
}

function edgeError({ code, message, details }: DomainError, requestId: string): EdgeError {
  const { status } = errorCodes[code];
  const retryAfterSeconds = details.retryAfterSeconds ?? (status === 429 ? 1 : null);
  return { code, status, message, field: details.field ?? null, retryAfterSeconds, requestId };
}
