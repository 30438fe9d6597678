import type { IncomingMessage } from 'node:http';
import type { Socket } from 'node:net';
import { DomainError } from '#kernel';

const isLate = Symbol('what ends a request that is late');

interface WatchedSocket extends Socket {
  [isLate]?: ((error: DomainError) => void) | undefined;
}

/** Says what ends a request whose sender takes too long, so that it can be answered; until {@link noLongerLate}. */
export function whenLate({ socket }: IncomingMessage, end: (error: DomainError) => void): void {
  (socket as WatchedSocket)[isLate] = end;
}

/** The request is here, or nobody needs it any more. */
export function noLongerLate({ socket }: IncomingMessage): void {
  (socket as WatchedSocket)[isLate] = undefined;
}

/** What Node says of a connection whose client is at fault or late, and how that is answered where no request was understood. */
const bareAnswers: Readonly<Record<string, string>> = {
  ERR_HTTP_REQUEST_TIMEOUT: '408 Request Timeout',
  HPE_HEADER_OVERFLOW: '431 Request Header Fields Too Large',
};

/** Answers a client that sends no HTTP, or too slowly: in its own wire format where its request has begun to be read. */
export function answerClientError(error: Error & { readonly code?: string }, socket: Socket): void {
  const end = (socket as WatchedSocket)[isLate];
  if (error.code === 'ERR_HTTP_REQUEST_TIMEOUT' && end !== undefined) {
    (socket as WatchedSocket)[isLate] = undefined;
    return end(new DomainError('request_timeout', 'The request took too long to arrive.'));
  }
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  if (socket.writable) {
    const status = bareAnswers[error.code ?? ''] ?? '400 Bad Request';
    socket.write(`HTTP/1.1 ${status}\r\nConnection: close\r\nContent-Length: 0\r\n\r\n`);
  }
  socket.destroy(error);
}
