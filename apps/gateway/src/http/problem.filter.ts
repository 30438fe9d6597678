import { Catch, Injectable, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { AccessJournal } from '#audit';
import { Logger } from '#observability';
import { addressOf } from './admin/audit/origin-of.js';
import { denialIn } from './denials.js';
import { writeProblem } from './problem.js';
import { wireFormatOf } from './wire-format-of.js';

/** Answers what was thrown on the way through Fastify and Nest. */
@Catch()
@Injectable()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly logger: Logger,
    private readonly journal: AccessJournal,
  ) {}

  catch(thrown: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const denial = denialIn(thrown);
    const apiKeyId = request.caller?.apiKeyId ?? denial?.details.apiKeyId ?? null;
    if (denial !== null) this.journal.denied(denial.code, apiKeyId, addressOf(request));
    const asked = { requestId: request.id, apiKeyId };
    const { status, headers, body } = writeProblem(thrown, asked, wireFormatOf(request), this.logger);
    if (reply.raw.headersSent) {
      // Nothing can be said any more; a closed connection is the honest end of half an answer.
      reply.raw.destroy();
      return;
    }
    void reply.status(status).headers(headers).send(body);
  }
}
