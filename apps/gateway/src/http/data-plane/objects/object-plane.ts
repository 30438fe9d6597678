import { randomUUIDv7 } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { refuseWrongTags, type Caller } from '#api-keys';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { asId, DomainError, noTokens } from '#kernel';
import { Authentication } from '../../authentication.js';
import type { CallListener } from '../../front-door.js';
import { AnswerWriter } from '../answer-writer.js';
import { CallMetrics } from '../call-metrics.js';
import { CallRefusals } from '../call-refusals.js';
import { readCallOptions } from '../call-options.js';
import { OpenCalls } from '../open-calls.js';
import { findObject, type FoundObject } from './object-routes.js';
import { ObjectService } from './object-service.js';
import { UploadAddresses, type UploadSession } from './upload-addresses.js';

/** One request, and whose it is. */
interface Asked {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly caller: Caller;
  /** The upload that it goes on with; `null` for all others. */
  readonly session: UploadSession | null;
}

const clientGone = new Error('the client has gone');

/** Serves the requests for what providers keep: files, batches, responses. */
@Injectable()
export class ObjectPlane implements CallListener {
  constructor(
    private readonly authentication: Authentication,
    private readonly addresses: UploadAddresses,
    private readonly service: ObjectService,
    private readonly answers: AnswerWriter,
    private readonly openCalls: OpenCalls,
    private readonly metrics: CallMetrics,
    private readonly refusals: CallRefusals,
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
  ) {}

  take(request: IncomingMessage, response: ServerResponse): boolean {
    const found = findObject(request.method ?? '', request.url ?? '', request.headers);
    if (found === null) return false;
    void this.answer(found, request, response);
    return true;
  }

  private async answer(
    found: FoundObject,
    request: IncomingMessage,
    response: ServerResponse,
  ): Promise<void> {
    const requestId = randomUUIDv7();
    let caller: Caller | null = null;
    try {
      const session = this.addresses.read(found);
      caller = this.authentication.callerOf(request, session?.owner);
      await this.serve(found, { request, response, requestId, caller, session });
    } catch (error) {
      this.refusals.refuse(error, { request, response, requestId, caller });
    }
  }

  /** The key first: of a stranger not a byte of the body is read. */
  private async serve(found: FoundObject, asked: Asked): Promise<void> {
    const { request, response, requestId, caller, session } = asked;
    const startedAt = performance.now();
    const { timeoutMs, tags } = readCallOptions(request.headers);
    // What goes on was admitted when it began.
    if (caller.tagRules !== null && session === null) refuseWrongTags(caller.tagRules, tags);
    const hold = session === null ? await admit(caller, requestId) : undefined;
    const { callDeadlineMs } = this.config.upstream;
    const open = this.openCalls.open(Math.min(timeoutMs ?? callDeadlineMs, callDeadlineMs), caller.apiKeyId);
    response.once('close', () => {
      const { writableFinished, statusCode } = response;
      if (!writableFinished) open.abort.abort(clientGone);
      this.metrics.note('stored_objects', writableFinished ? statusCode : 499, performance.now() - startedAt);
    });
    if (response.destroyed) open.abort.abort(clientGone);
    try {
      const answer = await this.service.answer({
        found,
        request,
        response,
        requestId,
        caller,
        open,
        session,
      });
      switch (answer.kind) {
        case 'complete':
          return this.answers.complete(answer, response, requestId);
        case 'stream':
          return await this.answers.stream(answer, response, bytesOf(found, requestId), open.abort);
        case 'refused':
          throw answer.error;
        case 'client_gone':
          response.destroy();
      }
    } finally {
      hold?.settle(noTokens, null);
      this.openCalls.close(open);
    }
  }
}

/** Requests for kept things are of no tokens, but count among those of their key. @throws DomainError when it has no more */
async function admit({ meter }: Caller, callId: string) {
  const verdict = await meter?.admit({ callId, inputTokens: 0, maxOutputTokens: 0, price: null });
  if (verdict instanceof DomainError) throw verdict;
  return verdict;
}

/** Of an answer in bytes nothing can be told but that it has ended. */
const bytesOf = ({ route: { wireFormat } }: FoundObject, requestId: string) => ({
  id: asId<'Call'>(requestId),
  operation: 'stored_objects' as const,
  wireFormat,
  asBytes: true,
});
