import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { passableHeaders, type AnswerHeaders, type WireFormat } from '#ai-provider';
import type { AnsweredBy, RelayAnswer } from '#ai-routing';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { errorCodes } from '#kernel';
import type { EdgeError } from './edge-error.js';
import { OpenCalls } from './open-calls.js';
import { ResponseSink } from './response-sink.js';
import { errorBodies } from './wire-error.js';

type OutgoingHeaders = Record<string, string | string[] | number>;

/** Writes what the relay came to onto the wire, past Nest and Fastify. */
@Injectable()
export class AnswerWriter {
  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    private readonly openCalls: OpenCalls,
  ) {}

  /** Writes an answer that is whole. */
  complete(
    { status, headers, body, by }: Extract<RelayAnswer, { kind: 'complete' }>,
    { id }: FastifyRequest,
    reply: FastifyReply,
  ): void {
    const outgoing = this.headers(headers, by, id);
    outgoing['content-length'] = body.length;
    reply.hijack();
    reply.raw.writeHead(status, outgoing);
    reply.raw.end(body);
  }

  /** Writes a stream to its end; one that breaks off ends with an error event in the caller's wire format. */
  async stream(
    answer: Extract<RelayAnswer, { kind: 'stream' }>,
    { id }: FastifyRequest,
    reply: FastifyReply,
    wireFormat: WireFormat,
  ): Promise<void> {
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(answer.status, this.headers(answer.headers, answer.by, id));
    const { kind } = await answer.pipe(new ResponseSink(raw));
    if (kind === 'failed') raw.write(`\n\n${errorBodies[wireFormat].lastEvent(brokenOff(id))}`);
    raw.end();
  }

  private headers(from: AnswerHeaders, by: AnsweredBy, requestId: string): OutgoingHeaders {
    const headers: OutgoingHeaders = passableHeaders(from);
    headers['x-request-id'] = requestId;
    headers['x-pool-attempts'] = by.attempts;
    if (by.provider !== null) headers['x-pool-provider'] = by.provider;
    if (by.accountId !== null && this.config.server.exposeAccountId) headers['x-pool-account'] = by.accountId;
    if (this.openCalls.draining) headers['connection'] = 'close';
    return headers;
  }
}

function brokenOff(requestId: string): EdgeError {
  return {
    code: 'upstream_failed',
    status: errorCodes.upstream_failed.status,
    message: 'The provider broke off the stream.',
    field: null,
    retryAfterSeconds: null,
    requestId,
  };
}
