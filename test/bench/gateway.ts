import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { upstreamKeys, upstreamNames } from './upstream.js';

/** The product as built, in a process of its own. */
export interface BenchGateway {
  readonly url: string;
  readonly pid: number;
  /** A system key that may call. */
  readonly apiKey: string;
  stop(): Promise<void>;
}

const main = fileURLToPath(new URL('../../dist/apps/gateway/src/main.js', import.meta.url));
const startDeadlineMs = 60_000;

/**
 * Starts the gateway with everything on, and sets it up through its admin API.
 *
 * @param nodeOptions of its process, for example `--cpu-prof`
 */
export async function startGateway(
  upstreamUrl: string,
  nodeOptions: readonly string[],
): Promise<BenchGateway> {
  const dataDir = await mkdtemp(join(tmpdir(), 'gateway-bench-'));
  const adminKey = randomBytes(32).toString('base64url');
  const url = `http://127.0.0.1:${await freePort()}`;
  const child = spawn(process.execPath, [...nodeOptions, main], {
    env: {
      ...surroundings(),
      PORT: new URL(url).port,
      HOST: '127.0.0.1',
      DATA_DIR: dataDir,
      ADMIN_API_KEY: adminKey,
      LOG_LEVEL: 'warn',
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const stop = async (): Promise<void> => {
    await stopProcess(child);
    await rm(dataDir, { recursive: true, force: true });
  };
  try {
    await untilReady(url, child);
    const apiKey = await setUp(url, adminKey, upstreamUrl);
    return { url, pid: child.pid ?? 0, apiKey, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** No provider keys and no settings of whoever runs the bench. */
function surroundings(): NodeJS.ProcessEnv {
  const { PATH, HOME, LANG, TMPDIR } = process.env;
  return { PATH, HOME, LANG, TMPDIR };
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function untilReady(url: string, child: ChildProcess): Promise<void> {
  const deadlineMs = Date.now() + startDeadlineMs;
  while (Date.now() < deadlineMs) {
    if (child.exitCode !== null) throw new Error(`the gateway ended with status ${child.exitCode}`);
    const ready = await fetch(`${url}/readyz`).then(
      ({ ok }) => ok,
      () => false,
    );
    if (ready) return;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error('the gateway did not get ready');
}

async function setUp(url: string, adminKey: string, upstreamUrl: string): Promise<string> {
  const post = async (path: string, body: object): Promise<Record<string, unknown>> => {
    const answer = await fetch(`${url}/admin/v1${path}`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${adminKey}` },
      body: JSON.stringify(body),
    });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`POST ${path} was answered with ${answer.status}: ${text}`);
    return JSON.parse(text) as Record<string, unknown>;
  };
  for (const name of Object.values(upstreamNames)) {
    await post('/providers', { name, kind: 'openai', baseUrl: `${upstreamUrl}/${name}/v1` });
    for (const [at, credential] of upstreamKeys.entries()) {
      await post('/accounts', { provider: name, name: `${name}-${at}`, credential, limits: amplyLimited });
    }
  }
  const { secret } = await post('/api-keys', { name: 'bench', scopes: ['call'] });
  return String(secret);
}

/** Limits are counted on every call, and never reached. */
const amplyLimited = { rpm: 10_000_000, tpm: 10_000_000_000, maxConcurrency: 10_000 };

async function stopProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exited = once(child, 'exit');
  child.kill('SIGTERM');
  const impatient = setTimeout(() => child.kill('SIGKILL'), 20_000);
  await exited;
  clearTimeout(impatient);
}
