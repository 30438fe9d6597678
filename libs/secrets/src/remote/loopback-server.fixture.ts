import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A server of a test on a free port of the loopback; its connections end with it. */
export class LoopbackServer {
  private readonly server;

  constructor(serve: RequestListener) {
    this.server = createServer(serve);
  }

  /** @returns its address, `http://127.0.0.1:<port>` */
  async listen(): Promise<string> {
    this.server.listen(0, '127.0.0.1');
    await once(this.server, 'listening');
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
