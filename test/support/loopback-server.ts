import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** Connections that may wait to be accepted: a thousand streams come at once. */
const backlog = 2_000;

/** A server of a test on a port of the loopback; its connections end with it. */
export class LoopbackServer {
  private readonly server;

  constructor(serve: RequestListener) {
    this.server = createServer(serve);
  }

  /**
   * @param port any free one by default
   * @returns its address, `http://127.0.0.1:<port>`
   */
  async listen(port = 0): Promise<string> {
    this.server.listen({ port, host: '127.0.0.1', backlog });
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
