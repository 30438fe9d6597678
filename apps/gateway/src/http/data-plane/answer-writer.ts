import { validateHeaderValue, type ServerResponse } from 'node:http';
import { Inject, Injectable } from '@nestjs/common';
import { passableHeaders, type AnswerHeaders, type CallSignal, type ModelCall } from '#ai-provider';
import type { AnsweredBy, RelayAnswer } from '#ai-routing';
import { GATEWAY_CONFIG, type GatewayConfig } from '#config';
import { DomainError, errorCodes } from '#kernel';
import type { EdgeError } from './edge-error.js';
import { OpenCalls } from './open-calls.js';
import { limitStall, ResponseSink } from './response-sink.js';
import { errorBodies } from './wire-error.js';

/** Names and values in turn. */
type OutgoingHeaders = (string | string[] | number)[];

/**
 * Up to this size an answer goes out as text, one character a byte: Node then puts headers and body into one piece and
 * writes it without leaving the stack.
 */
const mostBytesAsText = 12_288;

/** A whole answer on its way out. */
interface WholeAnswer {
  readonly response: ServerResponse;
  readonly status: number;
  readonly headers: OutgoingHeaders;
  readonly body: Buffer;
}

/** What is to be known of a call whose answer is a stream. */
type StreamedCall = Pick<ModelCall, 'id' | 'operation' | 'wireFormat' | 'asBytes'>;

/** Writes what the relay came to onto the wire. */
@Injectable()
export class AnswerWriter {
  private turn: WholeAnswer[] = [];

  constructor(
    @Inject(GATEWAY_CONFIG) private readonly config: GatewayConfig,
    private readonly openCalls: OpenCalls,
  ) {}

  /**
   * Writes an answer that is whole, at the end of this turn of the event loop. By then its usage is in the journal, which
   * is written in the same phase and was asked first: what a caller has got survives the process. And the answers of a
   * turn leave one after the other, which wakes whoever waits for them once instead of many times.
   */
  complete(
    { status, headers, body, by }: Extract<RelayAnswer, { kind: 'complete' }>,
    response: ServerResponse,
    requestId: string,
  ): void {
    const outgoing = this.headers(headers, by, requestId);
    outgoing.push('content-length', body.length);
    if (this.turn.push({ response, status, headers: outgoing, body }) === 1) setImmediate(this.flush);
  }

  /**
   * Writes a stream to its end. One that breaks off, or is ended by its deadline, ends with an error event in the caller's
   * wire format; bytes that are no events can only end with their connection.
   *
   * @param signal the call's own; its reason tells why we ended the stream
   */
  async stream(
    answer: Extract<RelayAnswer, { kind: 'stream' }>,
    response: ServerResponse,
    call: StreamedCall,
    signal: CallSignal,
  ): Promise<void> {
    const { clientStallTimeoutMs } = this.config.server;
    writeHead(response, answer.status, this.headers(answer.headers, answer.by, call.id));
    const sink = new ResponseSink(response, clientStallTimeoutMs);
    const { kind } = await answer.pipe(sink);
    if (response.destroyed) return;
    if (kind === 'completed') response.end();
    else if (call.asBytes) response.destroy();
    else response.end(lastEvent(call, kind === 'failed' ? brokenOff : signal.reason, sink.last));
    limitStall(response, clientStallTimeoutMs);
  }

  private readonly flush = (): void => {
    const { turn } = this;
    this.turn = [];
    for (const { response, status, headers, body } of turn) {
      writeHead(response, status, headers);
      if (body.length <= mostBytesAsText) response.end(body.toString('latin1'), 'latin1');
      else {
        response.end(body);
        limitStall(response, this.config.server.clientStallTimeoutMs);
      }
    }
  };

  private headers(from: AnswerHeaders, by: AnsweredBy, requestId: string): OutgoingHeaders {
    const headers: OutgoingHeaders = passableHeaders(from);
    headers.push('x-request-id', requestId, 'x-pool-attempts', by.attempts);
    if (by.provider !== null) headers.push('x-pool-provider', by.provider);
    if (by.accountId !== null && this.config.server.exposeAccountId)
      headers.push('x-pool-account', by.accountId);
    if (this.openCalls.draining) headers.push('connection', 'close');
    return headers;
  }
}

/** A header that cannot be passed on, such as one in Chinese, is left out: it must not cost the answer, or the process. */
function writeHead(response: ServerResponse, status: number, headers: OutgoingHeaders): void {
  try {
    response.writeHead(status, headers);
  } catch {
    response.writeHead(status, passable(headers));
  }
}

function passable(headers: OutgoingHeaders): OutgoingHeaders {
  return headers.filter((_, at) => {
    const name = at - (at % 2);
    try {
      validateHeaderValue(String(headers[name]), String(headers[name + 1]));
      return true;
    } catch {
      return false;
    }
  });
}

const brokenOff = new DomainError('upstream_failed', 'The provider broke off the stream.');

/** The end of a stream that is not whole, in the caller's wire format. Half an event is ended first. */
function lastEvent(
  { id, wireFormat, operation }: StreamedCall,
  reason: unknown,
  last: Buffer | null,
): string {
  const { code, message } = reason instanceof DomainError ? reason : brokenOff;
  const { status } = errorCodes[code];
  const error: EdgeError = { code, status, message, field: null, retryAfterSeconds: null, requestId: id };
  const event = errorBodies[wireFormat].lastEvent(error, operation, last);
  return last === null || endsEvent(last) ? event : `\n\n${event}`;
}

const endsEvent = (bytes: Buffer): boolean =>
  /(?:\n\r?\n|\r\r)$/.test(bytes.toString('latin1', bytes.length - 3));
