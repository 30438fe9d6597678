import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Secret } from '#kernel';
import type { ServerTimeouts } from '../../apps/gateway/src/http/fastify-adapter.js';
import { loadGatewayConfig } from '../../apps/gateway/src/load-gateway-config.js';
import { startGateway, type RunningGateway } from '../../apps/gateway/src/start-gateway.js';
import {
  startSimulator,
  type Scenario,
  type Simulator,
  type SimulatorOptions,
} from '../../apps/provider-simulator/src/index.js';
import { breakable, type BreakableDatabase } from './breakable-database.js';
import { createTestDatabase } from './test-database.js';

/** What an admin call came to. */
export interface AdminAnswer {
  readonly status: number;
  readonly headers: Headers;
  // Specs look into bodies of every kind; each asserts what it reads.
  readonly body: Record<string, unknown>;
}

/** A gateway of one spec's own, in this process, with real Postgres, real sockets and a simulator as its providers. */
export interface TestGateway {
  readonly url: string;
  readonly simulator: Simulator;
  readonly adminKey: string;
  /** A key with the scope `call`. */
  readonly callerKey: string;
  /** The way to Postgres of the gateway's role, to be cut and mended. */
  readonly database: Omit<BreakableDatabase, 'close'>;
  /** The way of the owner, which is never cut. */
  readonly ownerUrl: Secret;
  /** Its `DATA_DIR`. */
  readonly dataDir: string;
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<AdminAnswer>;
  /** Adds an account whose credential is a key of the simulator. @returns its id */
  addAccount(provider: string, credential: string, more?: object): Promise<string>;
  /** Stops the gateway in order, as on SIGTERM, and starts it again at the same place; simulator and database stay. */
  restart(): Promise<void>;
  close(): Promise<void>;
}

const adminKey = 'test-admin-key-of-at-least-32-characters';

/** Base URLs by kind, as each provider's own SDK wants them. */
const basePaths: Readonly<Record<string, string>> = {
  OPENAI: '/openai/v1',
  GROQ: '/groq/openai/v1',
  ANTHROPIC: '/anthropic',
  GOOGLE: '/google',
  BEDROCK: '/bedrock',
};

/** Starts a simulator with the scenario and a gateway whose providers it is. */
export async function startTestGateway(
  scenario: Scenario,
  environment: Readonly<Record<string, string>> = {},
  timeouts?: ServerTimeouts,
  simulatorOptions?: SimulatorOptions,
): Promise<TestGateway> {
  const simulator = await startSimulator(scenario, simulatorOptions);
  const database = await createTestDatabase();
  const way = await breakable(database.applicationUrl);
  const ownersWay = Object.assign(new URL(database.url.reveal()), { port: new URL(way.url.reveal()).port });
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-e2e-'));
  const start = (port: string): Promise<RunningGateway> => {
    const surroundings = {
      PORT: port,
      DATA_DIR: dataDir,
      DATABASE_URL: way.url.reveal(),
      DATABASE_MIGRATION_URL: ownersWay.href,
    };
    const variables = { ...usual, ...baseUrlsOf(simulator), ...surroundings, ...environment };
    return startGateway(loadGatewayConfig(variables), timeouts);
  };
  let gateway = await start('0');
  const { url } = gateway;
  const admin = adminOf(url);
  const { body: key } = await admin('POST', '/api-keys', { name: 'caller', scopes: ['call'] });
  return {
    url,
    simulator,
    adminKey,
    callerKey: String(key['secret']),
    database: way,
    ownerUrl: database.url,
    dataDir,
    admin,
    async addAccount(provider, credential, more = {}) {
      const account = { provider, name: credential, credential, ...more };
      const { status, body } = await admin('POST', '/accounts', account);
      if (status !== 201) throw new Error(`no account: ${JSON.stringify(body)}`);
      return String(body['id']);
    },
    async restart() {
      await gateway.close();
      gateway = await start(new URL(url).port);
    },
    async close() {
      await gateway.close();
      await simulator.close();
      way.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

const usual = { HOST: '127.0.0.1', ADMIN_API_KEY: adminKey, LOG_LEVEL: 'silent', MODEL_REFRESH_HOURS: '0' };

const baseUrlsOf = ({ url }: Simulator): Record<string, string> =>
  Object.fromEntries(Object.entries(basePaths).map(([name, path]) => [`${name}_BASE_URL`, url + path]));

function adminOf(url: string): TestGateway['admin'] {
  return async (method, path, body, headers = {}) => {
    const response = await fetch(`${url}/admin/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...headers },
      body: body === undefined ? null : JSON.stringify(body),
    });
    const text = await response.text();
    const parsed = text === '' ? {} : (JSON.parse(text) as Record<string, unknown>);
    return { status: response.status, headers: response.headers, body: parsed };
  };
}
