import type { IncomingHttpHeaders } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { ModelCall } from '#ai-provider';
import { RelayCall } from '#ai-routing';
import { mayUseModel } from '#api-keys';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { asId, DomainError } from '#kernel';
import { affinityKey } from './affinity-key.js';
import { AnswerWriter } from './answer-writer.js';
import { callerOf } from './authenticated-request.js';
import type { Endpoint } from './call-reader.js';
import { CallMetrics } from './call-metrics.js';
import { readCallOptions } from './call-options.js';
import { OpenCalls } from './open-calls.js';

const clientGone = new Error('the client has gone');
const forwarded = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;
const empty = Buffer.alloc(0);

/** Serves every call of the data plane: wire bytes in, relay, wire bytes out. */
@Injectable()
export class DataPlane {
  constructor(
    private readonly relayCall: RelayCall,
    private readonly answers: AnswerWriter,
    private readonly openCalls: OpenCalls,
    private readonly metrics: CallMetrics,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  /** @throws DomainError for what is answered in our own words; the filter writes it in the caller's wire format */
  async serve(endpoint: Endpoint, request: FastifyRequest, reply: FastifyReply): Promise<void> {
    const startedAt = performance.now();
    const { raw } = reply;
    const options = readCallOptions(request.headers);
    const call = await readCall(endpoint, request);
    const caller = callerOf(request);
    if (!mayUseModel(caller, call.model)) {
      throw new DomainError('model_not_allowed', `The key may not use the model '${call.model}'.`, {
        field: 'model',
      });
    }
    const { callDeadlineMs } = this.config.upstream;
    const open = this.openCalls.open(Math.min(options.timeoutMs ?? callDeadlineMs, callDeadlineMs));
    const { abort, deadlineMs } = open;
    raw.once('close', () => {
      if (!raw.writableFinished) abort.abort(clientGone);
      const status = raw.writableFinished ? raw.statusCode : 499;
      this.metrics.note(call.operation, status, performance.now() - startedAt);
    });
    if (raw.destroyed) abort.abort(clientGone);
    try {
      const { tags, noFallback } = options;
      const affinity = affinityKey(call, caller.apiKeyId ?? '', options.affinity);
      const answer = await this.relayCall.relay({
        call,
        caller,
        tags,
        noFallback,
        affinity,
        signal: abort,
        deadlineMs,
      });
      switch (answer.kind) {
        case 'complete':
          return this.answers.complete(answer, request, reply);
        case 'stream':
          return await this.answers.stream(answer, request, reply, call.wireFormat);
        case 'refused':
          reply.header('x-pool-attempts', answer.by.attempts);
          throw answer.error;
        case 'client_gone':
          reply.hijack();
          raw.destroy();
      }
    } finally {
      this.openCalls.close(open);
    }
  }
}

async function readCall(endpoint: Endpoint, request: FastifyRequest): Promise<ModelCall> {
  const body = Buffer.isBuffer(request.body) ? request.body : empty;
  const contentType = request.headers['content-type'] ?? '';
  const { model, stream, json, inputTokensEstimate, maxOutputTokens } = await endpoint.read({
    body,
    contentType,
  });
  return {
    id: asId<'Call'>(request.id),
    wireFormat: endpoint.wireFormat,
    operation: endpoint.operation,
    model,
    stream,
    body,
    contentType,
    json,
    inputTokensEstimate,
    maxOutputTokens,
    forwardHeaders: forwardHeaders(request.headers),
  };
}

function forwardHeaders(headers: IncomingHttpHeaders): Readonly<Record<string, string>> {
  const picked: Record<string, string> = {};
  for (const name of forwarded) {
    const value = headers[name];
    if (typeof value === 'string') picked[name] = value;
  }
  return picked;
}
