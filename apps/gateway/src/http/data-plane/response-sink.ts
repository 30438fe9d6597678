import type { ServerResponse } from 'node:http';
import type { ByteSink } from '#ai-provider';

/** Lets a stream flow into a response; a client that has gone counts as drained, so that nobody waits for it. */
export class ResponseSink implements ByteSink {
  constructor(private readonly response: ServerResponse) {}

  write(chunk: Buffer): boolean {
    return this.response.write(chunk);
  }

  drained(): Promise<void> {
    const { response } = this;
    if (response.destroyed || !response.writableNeedDrain) return Promise.resolve();
    return new Promise((resolve) => {
      const done = (): void => {
        response.off('drain', done).off('close', done);
        resolve();
      };
      response.on('drain', done).on('close', done);
    });
  }
}
