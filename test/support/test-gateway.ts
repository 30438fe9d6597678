import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadGatewayConfig } from '../../apps/gateway/src/load-gateway-config.js';
import { startGateway } from '../../apps/gateway/src/start-gateway.js';
import { startSimulator, type Scenario, type Simulator } from '../../apps/provider-simulator/src/index.js';
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
  admin(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<AdminAnswer>;
  /** Adds an account whose credential is a key of the simulator. @returns its id */
  addAccount(provider: string, credential: string, more?: object): Promise<string>;
  close(): Promise<void>;
}

const adminKey = 'test-admin-key-of-at-least-32-characters';

/** Base URLs by kind, as each provider's own SDK wants them. */
const basePaths: Readonly<Record<string, string>> = {
  OPENAI: '/openai/v1',
  GROQ: '/groq/openai/v1',
  ANTHROPIC: '/anthropic',
  GOOGLE: '/google',
};

/** Starts a simulator with the scenario and a gateway whose providers it is. */
export async function startTestGateway(
  scenario: Scenario,
  environment: Readonly<Record<string, string>> = {},
): Promise<TestGateway> {
  const simulator = await startSimulator(scenario);
  const database = await createTestDatabase();
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-e2e-'));
  const baseUrls = Object.entries(basePaths).map(([name, path]) => [
    `${name}_BASE_URL`,
    simulator.url + path,
  ]);
  const gateway = await startGateway(
    loadGatewayConfig({
      HOST: '127.0.0.1',
      PORT: '0',
      DATA_DIR: dataDir,
      DATABASE_URL: database.url.reveal(),
      ADMIN_API_KEY: adminKey,
      LOG_LEVEL: 'silent',
      ...Object.fromEntries(baseUrls),
      ...environment,
    }),
  );
  const admin = adminOf(gateway.url);
  const { body: key } = await admin('POST', '/api-keys', { name: 'caller', scopes: ['call'] });
  return {
    url: gateway.url,
    simulator,
    adminKey,
    callerKey: String(key['secret']),
    admin,
    async addAccount(provider, credential, more = {}) {
      const account = { provider, name: credential, credential, ...more };
      const { status, body } = await admin('POST', '/accounts', account);
      if (status !== 201) throw new Error(`no account: ${JSON.stringify(body)}`);
      return String(body['id']);
    },
    async close() {
      await gateway.close();
      await simulator.close();
      await database.drop();
      await rm(dataDir, { recursive: true, force: true });
    },
  };
}

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
