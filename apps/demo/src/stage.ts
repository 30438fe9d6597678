import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startSimulator, type Simulator } from '../../provider-simulator/src/index.js';
import { AdminApi } from './admin-api.js';
import { scenario } from './cast.js';
import { GatewayProcess } from './gateway-process.js';

/** Everything that runs during the demo. */
export interface Stage {
  readonly simulator: Simulator;
  readonly gateway: GatewayProcess;
  readonly gatewayUrl: string;
  readonly adminKey: string;
  readonly admin: AdminApi;
}

/**
 * Starts the simulator in this process, and a gateway with an embedded Postgres of its own beside it.
 *
 * @param resources takes what must be stopped and removed, also when a later step fails
 * @throws Error when the gateway does not start; the reason of the interruption
 */
export async function setStage(resources: AsyncDisposableStack, interrupted: AbortSignal): Promise<Stage> {
  const simulator = resources.adopt(await startSimulator(scenario), (running) => running.close());
  const dataDir = resources.adopt(await mkdtemp(join(tmpdir(), 'gateway-demo-')), (path) =>
    rm(path, { recursive: true, force: true, maxRetries: 3 }),
  );
  const port = await freePort();
  const gatewayUrl = `http://127.0.0.1:${port}`;
  const adminKey = `demo-admin-${randomBytes(24).toString('base64url')}`;
  interrupted.throwIfAborted();
  const gateway = resources.use(
    new GatewayProcess(gatewayUrl, {
      HOST: '127.0.0.1',
      PORT: String(port),
      DATA_DIR: dataDir,
      ADMIN_API_KEY: adminKey,
      LOG_LEVEL: 'warn',
      OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
      ANTHROPIC_BASE_URL: `${simulator.url}/anthropic`,
      GOOGLE_BASE_URL: `${simulator.url}/google`,
    }),
  );
  await gateway.untilReady(interrupted);
  return { simulator, gateway, gatewayUrl, adminKey, admin: new AdminApi(gatewayUrl, adminKey, interrupted) };
}

/** A port that nobody listened on a moment ago. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
