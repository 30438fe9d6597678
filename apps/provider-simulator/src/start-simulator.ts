import { createServer } from 'node:http';
import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemClock } from '#kernel';
import type { Clock, Random } from '#kernel';
import { serveControl } from './control/control-api.js';
import { SimulatorControl } from './control/simulator-control.js';
import type { Scenario } from './scenario/scenario.js';
import { serveCall } from './serving/serve-call.js';

/** How a simulator is run. */
export interface SimulatorOptions {
  /** Default 0: any free port. */
  readonly port?: number;
  /** Default `127.0.0.1`. */
  readonly host?: string;
  /** Decides limits, caches and the timing of faults; pauses are real. Default the wall clock. */
  readonly clock?: Clock;
  /** Default seeded by the scenario. */
  readonly random?: Random;
}

/** A running simulator. */
export interface Simulator extends SimulatorControl {
  /** `http://host:port`; a provider's base URL is this with `/<provider>` and what its SDK appends nothing to, such as `/v1`. */
  readonly url: string;
  /** Stops listening and breaks open connections. */
  close(): Promise<void>;
}

class RunningSimulator extends SimulatorControl implements Simulator {
  readonly #server: Server;
  url = '';

  constructor(scenario: Scenario, { clock, random }: SimulatorOptions) {
    super(scenario, clock ?? systemClock, random);
    this.#server = createServer({ keepAliveTimeout: 120_000, requestTimeout: 0 }, (request, response) => {
      this.#dispatch(request, response).catch((error: unknown) => {
        process.stderr.write(`simulator: ${error instanceof Error ? error.stack : String(error)}\n`);
        response.destroy();
      });
    });
  }

  async listen({ port = 0, host = '127.0.0.1' }: SimulatorOptions): Promise<void> {
    await new Promise<void>((resolve, reject) => {
      this.#server.once('error', reject).listen(port, host, resolve);
    });
    this.url = `http://${host}:${(this.#server.address() as AddressInfo).port}`;
  }

  async close(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    this.#server.closeAllConnections();
    await closed;
  }

  /** `/_control/...` or `/<provider>/...`. */
  async #dispatch(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const [, name = '', rest = '', query = ''] = /^\/([^/?]*)([^?]*)\??(.*)$/.exec(request.url ?? '') ?? [];
    if (name === '_control') return serveControl(this, rest.slice(1), request, response);
    const provider = this.world.providers.get(name);
    if (provider) return serveCall(this.world, { provider, path: rest, query }, request, response);
    response.writeHead(404, { 'content-type': 'application/json' });
    response.end(JSON.stringify({ error: `The scenario has no provider ${name}` }));
  }
}

/**
 * Starts fake providers in this process.
 *
 * @throws ScenarioFault that lists every fault of the scenario; the listening error, for example EADDRINUSE
 */
export async function startSimulator(scenario: Scenario, options: SimulatorOptions = {}): Promise<Simulator> {
  const simulator = new RunningSimulator(scenario, options);
  await simulator.listen(options);
  return simulator;
}
