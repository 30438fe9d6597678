import type { ServerResponse } from 'node:http';
import type { ByteSink } from '#ai-provider';

/**
 * Lets a stream flow into a response. A client that has gone counts as drained, so that nobody waits for it, and one that
 * takes nothing for too long is made to go.
 */
export class ResponseSink implements ByteSink {
  /** What was written last; `null` before the first. */
  last: Buffer | null = null;

  /** @param stallTimeoutMs how long a client may take nothing, > 0 */
  constructor(
    private readonly response: ServerResponse,
    private readonly stallTimeoutMs: number,
  ) {}

  write(chunk: Buffer): boolean {
    this.last = chunk;
    return this.response.write(chunk);
  }

  drained(): Promise<void> {
    const { response } = this;
    if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
    limitStall(response, this.stallTimeoutMs);
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done).off('close', done);
        response.socket?.setTimeout(0);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }
}

/**
 * Cuts a client off that takes nothing of what waits for it: Node then closes the connection, and with it go the bytes, the
 * call and its slot. A client that is merely slow is left alone. Without a wait it costs nothing.
 */
export function limitStall({ socket }: ServerResponse, timeoutMs: number): void {
  if (socket !== null && socket.writableLength > 0) socket.setTimeout(timeoutMs);
}
