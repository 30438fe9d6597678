import { HttpException } from '@nestjs/common';
import type { FastifyError } from 'fastify';
import type { WireFormat } from '#ai-provider';
import { DomainError, errorCodes, type ErrorCode } from '#kernel';
import type { Logger } from '#observability';
import { isDatabaseDown } from '#persistence';
import type { EdgeError } from './data-plane/edge-error.js';
import { errorBodies } from './data-plane/wire-error.js';
import { problemBody } from './problem-body.js';

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

/** Which request it was, for the log. */
export interface Asked {
  readonly requestId: string;
  /** Whose; `null` when that is not known. Never shown. */
  readonly apiKeyId: string | null;
}

/** An error as it goes out. */
export interface WrittenProblem {
  readonly status: number;
  readonly headers: Record<string, string | number>;
  readonly body: string;
}

/**
 * The only place where an error becomes a status and a body: in the wire format of the route, or problem+json. Logged on
 * the way.
 *
 * @param wireFormat `null` for everything that is not the data plane
 */
export function writeProblem(
  thrown: unknown,
  asked: Asked,
  wireFormat: WireFormat | null,
  logger: Logger,
): WrittenProblem {
  const error = asDomainError(thrown);
  log(error, thrown, asked, logger);
  const { requestId } = asked;
  const edge = edgeError(error, requestId);
  const headers: Record<string, string | number> = {
    'x-request-id': requestId,
    'content-type': wireFormat === null ? 'application/problem+json' : 'application/json',
  };
  if (edge.retryAfterSeconds !== null) headers['retry-after'] = edge.retryAfterSeconds;
  // A body that was not read to its end would be taken for the next request of the connection.
  if (error.code === 'request_too_large') headers['connection'] = 'close';
  const body = wireFormat === null ? problemBody(error, edge) : errorBodies[wireFormat].body(edge);
  return { status: edge.status, headers, body: JSON.stringify(body) };
}

function log(error: DomainError, thrown: unknown, asked: Asked, logger: Logger): void {
  const { code, message, details } = error;
  if (errorCodes[code].status >= 500) {
    logger.error(message, { ...asked, code, error: details.cause ?? thrown });
  } else logger.debug(message, { ...asked, code });
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
