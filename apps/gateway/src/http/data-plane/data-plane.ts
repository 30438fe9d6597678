import { randomUUIDv7 } from 'node:crypto';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import type { CallSignal, ModelCall } from '#ai-provider';
import { RelayCall, type RelayAnswer, type RelayRequest } from '#ai-routing';
import { refuseWrongTags, type Caller } from '#api-keys';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { asId, DomainError } from '#kernel';
import { Authentication } from '../authentication.js';
import type { CallListener } from '../front-door.js';
import { affinityKey } from './affinity-key.js';
import { AnswerWriter } from './answer-writer.js';
import { CallMetrics } from './call-metrics.js';
import { CallRefusals } from './call-refusals.js';
import { readCallOptions, type CallOptions } from './call-options.js';
import type { BodyEndpoint, CallDraft, Endpoint, FormEndpoint } from './call-reader.js';
import { endpointOf, isCall } from './call-routes.js';
import { forwardHeaders } from './forward-headers.js';
import { KeptResponses } from './objects/kept-responses.js';
import { ObjectBindings } from './objects/object-bindings.js';
import { ObjectPlane } from './objects/object-plane.js';
import { referencesIn } from './objects/object-references.js';
import { OpenCalls, type OpenCall } from './open-calls.js';
import { readBody } from './read-body.js';
import { FormUpload } from './uploads/form-upload.js';
import { passOn } from './uploads/pass-on.js';

/** Far beyond any real one; names are remembered in many places, each of which counts them but does not weigh them. */
const longestModelName = 256;
const noBody = Buffer.alloc(0);
const clientGone = new Error('the client has gone');

/** Serves every call of the data plane: wire bytes in, relay, wire bytes out. */
@Injectable()
export class DataPlane implements CallListener {
  constructor(
    private readonly authentication: Authentication,
    private readonly relayCall: RelayCall,
    private readonly answers: AnswerWriter,
    private readonly bindings: ObjectBindings,
    private readonly responses: KeptResponses,
    private readonly objects: ObjectPlane,
    private readonly openCalls: OpenCalls,
    private readonly metrics: CallMetrics,
    private readonly refusals: CallRefusals,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  take(request: IncomingMessage, response: ServerResponse): boolean {
    const { url = '' } = request;
    if (request.method !== 'POST' || !isCall(url)) return this.objects.take(request, response);
    void this.answer(request, response);
    return true;
  }

  private async answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const requestId = randomUUIDv7();
    let caller: Caller | null = null;
    try {
      caller = this.authentication.callerOf(request);
      await this.serve(request, response, requestId, caller);
    } catch (error) {
      this.refusals.refuse(error, { request, response, requestId, caller });
    }
  }

  /** The key first: of a stranger not a byte of the body is read. */
  private async serve(
    request: IncomingMessage,
    response: ServerResponse,
    requestId: string,
    caller: Caller,
  ): Promise<void> {
    const { headers, url = '' } = request;
    const startedAt = performance.now();
    const endpoint = endpointOf(url);
    const options = readCallOptions(headers);
    if (caller.tagRules !== null) refuseWrongTags(caller.tagRules, options.tags);
    const call =
      endpoint.kind === 'form'
        ? await this.readForm(endpoint, request, requestId)
        : modelCall(endpoint, await this.readBody(endpoint, request), headers, requestId);
    if (call.model.length > longestModelName) {
      throw new DomainError('invalid_request', `'model' has more than ${longestModelName} characters.`, {
        field: 'model',
      });
    }
    const { callDeadlineMs } = this.config.upstream;
    const named = referencesIn(call);
    const boundTo = named.length === 0 ? undefined : await this.bindings.of(named, caller);
    const open = this.openCalls.open(
      Math.min(options.timeoutMs ?? callDeadlineMs, callDeadlineMs),
      caller.apiKeyId,
    );
    response.once('close', () => {
      const { writableFinished, statusCode } = response;
      if (!writableFinished) open.abort.abort(clientGone);
      this.metrics.note(call.operation, writableFinished ? statusCode : 499, performance.now() - startedAt);
    });
    if (response.destroyed) open.abort.abort(clientGone);
    try {
      if (call.upload instanceof FormUpload) passOn(call.upload, open, response);
      const answer = await this.relay(call, caller, options, open, boundTo);
      const noted = this.responses.concerns(call) ? await this.responses.note(answer, caller) : answer;
      await this.write(noted, call, response, open.abort);
    } finally {
      this.openCalls.close(open);
    }
  }

  private async readBody(endpoint: BodyEndpoint, request: IncomingMessage): Promise<ReadCall> {
    const body = await readBody(request, this.config.server.maxBodyBytes);
    const contentType = request.headers['content-type'] ?? '';
    return { draft: endpoint.read({ body, contentType }), body };
  }

  private async readForm(
    endpoint: FormEndpoint,
    request: IncomingMessage,
    requestId: string,
  ): Promise<ModelCall> {
    const { headers } = request;
    const { maxBodyBytes, maxUploadBytes } = this.config.server;
    const bounds = { maxBytes: maxUploadBytes, maxKeptBytes: maxBodyBytes };
    const form = await FormUpload.open(request, headers['content-type'] ?? '', true, bounds);
    const call = modelCall(endpoint, { draft: endpoint.read(form), body: noBody }, headers, requestId);
    return { ...call, upload: form };
  }

  private relay(
    call: ModelCall,
    caller: Caller,
    { tags, noFallback, affinity: named }: CallOptions,
    { abort: signal, deadlineMs }: OpenCall,
    boundTo: RelayRequest['boundTo'],
  ): Promise<RelayAnswer> {
    const affinity = affinityKey(call, caller.apiKeyId ?? '', named);
    return this.relayCall.relay({ call, caller, tags, noFallback, affinity, signal, deadlineMs, boundTo });
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
}

/** What was read of a request. */
interface ReadCall {
  readonly draft: CallDraft;
  readonly body: Buffer;
}

function modelCall(
  { wireFormat, operation }: Endpoint,
  { draft, body }: ReadCall,
  headers: IncomingHttpHeaders,
  requestId: string,
): ModelCall {
  const { model, stream, json, inputTokensEstimate, maxOutputTokens, asBytes } = draft;
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
    asBytes,
  };
}
