import type { IncomingMessage, ServerResponse } from 'node:http';
import { Injectable } from '@nestjs/common';
import type { Caller } from '#api-keys';
import { AccessJournal } from '#audit';
import { Logger } from '#observability';
import { Authentication } from '../authentication.js';
import { denialIn } from '../denials.js';
import { noLongerLate } from '../late-requests.js';
import { writeProblem } from '../problem.js';
import { wireFormatOf } from '../wire-format-of.js';

/** A call that came to nothing. */
interface RefusedCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  /** `null`: it was refused before it was known whose it is. */
  readonly caller: Caller | null;
}

/** Tells callers what went wrong, in their own wire format. */
@Injectable()
export class CallRefusals {
  constructor(
    private readonly authentication: Authentication,
    private readonly journal: AccessJournal,
    private readonly logger: Logger,
  ) {}

  refuse(error: unknown, { request, response, requestId, caller }: RefusedCall): void {
    const denial = denialIn(error);
    const apiKeyId = caller?.apiKeyId ?? denial?.details.apiKeyId ?? null;
    if (denial !== null) this.journal.denied(denial.code, apiKeyId, this.authentication.addressOf(request));
    // Whoever has gone is told nothing, and half an answer has no honest end but a closed connection.
    if (response.destroyed || response.headersSent) return void response.destroy();
    const wireFormat = wireFormatOf({ url: request.url ?? '', headers: request.headers });
    const { status, headers, body } = writeProblem(error, { requestId, apiKeyId }, wireFormat, this.logger);
    // Of a request that did not come in time the rest is not awaited.
    if (status === 408) response.setHeader('connection', 'close');
    response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
    noLongerLate(request);
    // What is left of a body passes by unread, so that the client comes to read its answer, and its going is noticed.
    request.resume();
  }
}
