import { createServer } from 'node:http';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo, Socket } from 'node:net';

/** What a provider does with one request, its body read. */
export type Behaviour = (response: ServerResponse, request: IncomingMessage, body: Buffer) => void;

/** A provider on loopback that does whatever a spec tells it. */
export class AServer {
  readonly #sockets = new Set<Socket>();
  /** Requests so far. */
  requests = 0;
  /** Connections so far. */
  connections = 0;

  private constructor(
    private behaviour: Behaviour,
    private readonly server: ReturnType<typeof createServer>,
  ) {}

  static async start(): Promise<AServer> {
    const server = createServer();
    const self = new AServer((response) => response.end(), server);
    server.on('request', (request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        self.requests += 1;
        self.behaviour(response, request, Buffer.concat(chunks));
      });
      request.on('error', () => undefined);
    });
    server.on('connection', (socket: Socket) => {
      self.connections += 1;
      self.#sockets.add(socket);
      socket.on('close', () => self.#sockets.delete(socket));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    return self;
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port;
  }

  get url(): string {
    return `http://127.0.0.1:${this.port}/v1`;
  }

  behave(behaviour: Behaviour): void {
    this.behaviour = behaviour;
  }

  async stop(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }
}
