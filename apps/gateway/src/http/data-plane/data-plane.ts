import { randomUUIDv7 } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { CallSignal, ModelCall } from '#ai-provider';
import { RelayCall, type RelayAnswer } from '#ai-routing';
import { refuseWrongTags, type Caller } from '#api-keys';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { asId, DomainError } from '#kernel';
import { Logger } from '#observability';
import { Authentication } from '../authentication.js';
import type { CallListener } from '../front-door.js';
import { writeProblem } from '../problem.js';
import { wireFormatOf } from '../wire-format-of.js';
import { affinityKey } from './affinity-key.js';
import { AnswerWriter } from './answer-writer.js';
import { CallMetrics } from './call-metrics.js';
import { readCallOptions, type CallOptions } from './call-options.js';
import type { CallDraft, Endpoint } from './call-reader.js';
import { endpointOf, isCall } from './call-routes.js';
import { OpenCalls } from './open-calls.js';
import { readBody } from './read-body.js';

/** Far beyond any real one; names are remembered in many places, each of which counts them but does not weigh them. */
const longestModelName = 256;
const clientGone = new Error('the client has gone');
const forwarded = ['anthropic-version', 'anthropic-beta', 'openai-beta'] as const;

/** Serves every call of the data plane: wire bytes in, relay, wire bytes out. */
@Injectable()
export class DataPlane implements CallListener {
  constructor(
    private readonly authentication: Authentication,
    private readonly relayCall: RelayCall,
    private readonly answers: AnswerWriter,
    private readonly openCalls: OpenCalls,
    private readonly metrics: CallMetrics,
    private readonly logger: Logger,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '' } = request;
    if (request.method !== 'POST' || !isCall(url)) return false;
    void this.answer(request, response);
    return true;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUIDv7();
    try {
      await this.serve(request, response, requestId);
    } catch (error) {
      this.refuse(error, request, response, requestId);
    }
  }

  /** The key first: of a stranger not a byte of the body is read. */
  private async serve(request: IncomingMessage, response: ServerResponse, requestId: string): Promise<void> {
    const { headers, url = '' } = request;
    const startedAt = performance.now();
    const caller = this.authentication.callerOf(request);
    const endpoint = endpointOf(url);
    const options = readCallOptions(headers);
    if (caller.tagRules !== null) refuseWrongTags(caller.tagRules, options.tags);
    const body = await readBody(request, this.config.server.maxBodyBytes);
    const draft = endpoint.read({ body, contentType: headers['content-type'] ?? '' });
    const call = modelCall(
      draft instanceof Promise ? await draft : draft,
      endpoint,
      body,
      headers,
      requestId,
    );
    if (call.model.length > longestModelName) {
      throw new DomainError('invalid_request', `'model' has more than ${longestModelName} characters.`, {
        field: 'model',
      });
    }
    const { callDeadlineMs } = this.config.upstream;
    const open = this.openCalls.open(Math.min(options.timeoutMs ?? callDeadlineMs, callDeadlineMs));
    response.once('close', () => {
      const { writableFinished, statusCode } = response;
      if (!writableFinished) open.abort.abort(clientGone);
      this.metrics.note(call.operation, writableFinished ? statusCode : 499, performance.now() - startedAt);
    });
    if (response.destroyed) open.abort.abort(clientGone);
    try {
      const answer = await this.relay(call, caller, options, open);
      await this.write(answer, call, response, open.abort);
    } finally {
      this.openCalls.close(open);
    }
  }

  private relay(
    call: ModelCall,
    caller: Caller,
    { tags, noFallback, affinity: named }: CallOptions,
    { abort: signal, deadlineMs }: ReturnType<OpenCalls['open']>,
  ): Promise<RelayAnswer> {
    const affinity = affinityKey(call, caller.apiKeyId ?? '', named);
    return this.relayCall.relay({ call, caller, tags, noFallback, affinity, signal, deadlineMs });
  }

  private write(
    answer: RelayAnswer,
    call: ModelCall,
    response: ServerResponse,
    signal: CallSignal,
  ): Promise<void> | void {
    switch (answer.kind) {
      case 'complete':
        return this.answers.complete(answer, response, call.id);
      case 'stream':
        return this.answers.stream(answer, response, call, signal);
      case 'refused':
        response.setHeader('x-pool-attempts', answer.by.attempts);
        throw answer.error;
      case 'client_gone':
        response.destroy();
    }
  }

  private refuse(
    error: unknown,
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
  ): void {
    // Whoever has gone is told nothing, and half an answer has no honest end but a closed connection.
    if (response.destroyed || response.headersSent) return void response.destroy();
    const wireFormat = wireFormatOf({ url: request.url ?? '', headers: request.headers });
    const { status, headers, body } = writeProblem(error, requestId, wireFormat, this.logger);
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
  }
}

function modelCall(
  { model, stream, json, inputTokensEstimate, maxOutputTokens }: CallDraft,
  { wireFormat, operation }: Endpoint,
  body: Buffer,
  headers: IncomingHttpHeaders,
  requestId: string,
): ModelCall {
  return {
    id: asId<'Call'>(requestId),
    wireFormat,
    operation,
    model,
    stream,
    body,
    contentType: headers['content-type'] ?? '',
    json,
    inputTokensEstimate,
    maxOutputTokens,
    forwardHeaders: forwardHeaders(headers),
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
