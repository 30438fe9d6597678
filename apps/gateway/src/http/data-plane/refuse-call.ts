import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Logger } from '#observability';
import { writeProblem } from '../problem.js';
import { wireFormatOf } from '../wire-format-of.js';

/** A call that came to nothing. */
interface RefusedCall {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly requestId: string;
  readonly logger: Logger;
}

/** Tells a caller what went wrong, in its own wire format. */
export function refuseCall(error: unknown, { request, response, requestId, logger }: RefusedCall): void {
  // Whoever has gone is told nothing, and half an answer has no honest end but a closed connection.
  if (response.destroyed || response.headersSent) return void response.destroy();
  const wireFormat = wireFormatOf({ url: request.url ?? '', headers: request.headers });
  const { status, headers, body } = writeProblem(error, requestId, wireFormat, logger);
  response.writeHead(status, { ...headers, 'content-length': Buffer.byteLength(body) }).end(body);
}
