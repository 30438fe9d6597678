import { request as send, type IncomingMessage, type ServerResponse } from 'node:http';
import { LoopbackServer } from '../../support/loopback-server.js';

/** One exchange as it went over the wire. */
export interface Recorded {
  readonly method: string;
  readonly requestBody: string;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  /** Without its chunking; complete when the exchange has ended. */
  body: Buffer;
}

/** Stands between an SDK and its server and keeps what passes, so that the SDK itself is left as it is. */
export interface WireTap {
  readonly url: string;
  /** What has passed since it was last asked, in order. */
  take(): readonly Recorded[];
  close(): Promise<void>;
}

/** Starts a tap before a server. */
export async function startWireTap(target: string): Promise<WireTap> {
  let recorded: Recorded[] = [];
  const server = new LoopbackServer((request, response) => {
    void pass(target, request, response, (exchange) => recorded.push(exchange));
  });
  return {
    url: await server.listen(),
    take() {
      const taken = recorded;
      recorded = [];
      return taken;
    },
    close: () => server.close(),
  };
}

async function pass(
  target: string,
  request: IncomingMessage,
  response: ServerResponse,
  record: (exchange: Recorded) => void,
): Promise<void> {
  const { method = '', headers, url } = request;
  const requestBody = Buffer.concat(await request.toArray());
  // Of a client that has gone meanwhile nothing more will be heard.
  if (response.destroyed) return;
  const onward = send(`${target}${url}`, { method, headers: { ...headers, host: new URL(target).host } });
  onward.on('response', (answer) => {
    const exchange: Recorded = {
      method,
      requestBody: requestBody.toString(),
      status: answer.statusCode ?? 0,
      headers: answer.headers as Record<string, string>,
      body: Buffer.alloc(0),
    };
    record(exchange);
    response.writeHead(exchange.status, answer.headers);
    response.flushHeaders();
    answer.on('data', (chunk: Buffer) => {
      exchange.body = Buffer.concat([exchange.body, chunk]);
      response.write(chunk);
    });
    answer.on('end', () => response.end());
    answer.on('error', () => response.destroy());
  });
  onward.on('error', () => response.destroy());
  response.on('close', () => onward.destroy());
  onward.end(requestBody);
}
