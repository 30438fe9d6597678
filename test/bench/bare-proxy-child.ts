import { createServer, type IncomingHttpHeaders, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Pool, type Dispatcher } from 'undici';
import { endWithBench, tellBench } from './bench-child.js';

/**
 * The measure of all things here: the least a proxy in Node can do that understands its calls. It buffers and parses each
 * request once, forwards it by undici's dispatch, passes streams through and parses plain answers once, for their usage.
 */
class Relay implements Dispatcher.DispatchHandler {
  private readonly chunks: Buffer[] = [];

  constructor(
    private readonly response: ServerResponse,
    private readonly stream: boolean,
  ) {}

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.response.on('drain', () => controller.resume());
    this.response.on('close', () => {
      if (!this.response.writableFinished) controller.abort(new Error('the client went away'));
    });
  }

  onResponseStart(_controller: unknown, status: number, headers: IncomingHttpHeaders): void {
    this.response.writeHead(status, { 'content-type': headers['content-type'] ?? 'application/json' });
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (!this.stream) this.chunks.push(chunk);
    else if (!this.response.write(chunk)) controller.pause();
  }

  onResponseEnd(): void {
    if (this.stream) {
      this.response.end();
      return;
    }
    const body = Buffer.concat(this.chunks);
    seen.tokens += (JSON.parse(body.toString()) as { usage: { total_tokens: number } }).usage.total_tokens;
    this.response.end(body);
  }

  onResponseError(_controller: unknown, error: Error): void {
    this.response.destroy(error);
  }
}

const [upstream = '', key = ''] = process.argv.slice(2);
const { origin } = new URL(upstream);
const pool = new Pool(origin, { connections: 256, pipelining: 1 });
const headers = { 'content-type': 'application/json', authorization: `Bearer ${key}` };
/** Kept, so that no engine thinks the parse was for nothing. */
const seen = { tokens: 0 };

function forward(request: IncomingMessage, response: ServerResponse, body: Buffer): void {
  const { stream = false } = JSON.parse(body.toString()) as { stream?: boolean };
  pool.dispatch({ path: request.url ?? '/', method: 'POST', headers, body }, new Relay(response, stream));
}

const server = createServer((request, response) => {
  const chunks: Buffer[] = [];
  request.on('data', (chunk: Buffer) => chunks.push(chunk));
  request.on('end', () => forward(request, response, Buffer.concat(chunks)));
});
server.keepAliveTimeout = 120_000;
server.listen(0, '127.0.0.1', () => {
  tellBench({ url: `http://127.0.0.1:${(server.address() as AddressInfo).port}` });
});
endWithBench();
