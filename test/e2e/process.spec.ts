import { createServer } from 'node:net';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../apps/provider-simulator/src/index.js';
import { until } from '../support/until.js';
import { runRefusedGateway, startGatewayProcess, type GatewayProcess } from '../support/gateway-process.js';

const adminKey = 'test-admin-key-of-at-least-32-characters';
let dataDir: string;
let simulator: Simulator;
let running: GatewayProcess[] = [];

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-process-'));
  simulator = await startSimulator({ providers: { openai: { keys: ['sk-sim-one'] } } });
});
afterEach(async () => {
  for (const gateway of running) await gateway.end('SIGTERM');
  running = [];
  await simulator.close();
  await rm(dataDir, { recursive: true, force: true });
});

async function start(environment: Record<string, string> = {}): Promise<GatewayProcess> {
  const gateway = await startGatewayProcess({
    DATA_DIR: dataDir,
    ADMIN_API_KEY: adminKey,
    OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
    ...environment,
  });
  running.push(gateway);
  return gateway;
}

async function admin(gateway: GatewayProcess, method: string, path: string, body?: object) {
  const response = await fetch(`${gateway.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

const addAccount = (gateway: GatewayProcess) =>
  admin(gateway, 'POST', '/accounts', { provider: 'openai', name: 'one', credential: 'sk-sim-one' });

function call(gateway: GatewayProcess, more: object = {}): Promise<Response> {
  return fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'openai/gpt-4o-mini',
      messages: [{ role: 'user', content: 'Hello' }],
      ...more,
    }),
  });
}

const recordsOf = async (gateway: GatewayProcess) =>
  (await admin(gateway, 'GET', '/usage/records?limit=500')).body['data'] as { id: string }[];

async function allRecordsOf(gateway: GatewayProcess): Promise<Set<string>> {
  const ids = new Set<string>();
  for (let cursor: unknown = ''; cursor !== null;) {
    const page = await admin(
      gateway,
      'GET',
      `/usage/records?limit=500${cursor === '' ? '' : `&cursor=${String(cursor)}`}`,
    );
    for (const { id } of page.body['data'] as { id: string }[]) ids.add(id);
    cursor = page.body['nextCursor'];
  }
  return ids;
}

describe('a gateway process', () => {
  it('prints a generated admin key once, and it works', async () => {
    const first = await startGatewayProcess({ DATA_DIR: dataDir });
    running.push(first);
    const key = /pap_live_\S+/.exec(first.output())?.[0];
    const response = await fetch(`${first.url}/admin/v1/accounts`, {
      headers: { authorization: `Bearer ${key}` },
    });
    expect(response.status).toBe(200);
    expect(await first.end('SIGTERM')).toBe(0);
    const second = await startGatewayProcess({ DATA_DIR: dataDir });
    running.push(second);
    expect(second.output()).not.toContain('pap_live_');
  });

  it('lets open calls finish on SIGTERM, also when it comes twice at once, flushes their usage, exits 0, and has everything back after a restart', async () => {
    const first = await start();
    await addAccount(first);
    simulator.addFault({ provider: 'openai', kind: 'slow_first_byte', delayMs: 400, count: 1 });
    const open = call(first);
    while (simulator.report().providers['openai']?.inFlight !== 1) await new Promise(setImmediate);
    const ended = first.end('SIGTERM');
    first.child.kill('SIGTERM');
    expect((await open).status).toBe(200);
    expect(await ended).toBe(0);
    const second = await start();
    expect((await call(second)).status).toBe(200);
    expect(await recordsOf(second)).not.toHaveLength(0);
  });

  it('loses neither accounts nor the usage of answered calls on kill -9', async () => {
    const first = await start();
    await addAccount(first);
    const ids = await Promise.all(
      Array.from({ length: 50 }, async () => (await call(first)).headers.get('x-request-id') ?? ''),
    );
    await first.end('SIGKILL');
    const second = await start();
    const records = await until(
      () => recordsOf(second),
      ({ length }) => length >= ids.length,
    );
    const stored = records.map(({ id }) => id);
    expect(stored.toSorted()).toEqual(ids.toSorted());
    expect((await call(second)).status).toBe(200);
  });

  it('answers no call whose usage a kill -9 in full load could take along', async () => {
    const first = await start();
    await addAccount(first);
    const answered: string[] = [];
    const callOn = async (): Promise<void> => {
      for (;;) {
        const response = await call(first);
        await response.arrayBuffer();
        answered.push(response.headers.get('x-request-id') ?? '');
        if (answered.length === 400) first.child.kill('SIGKILL');
      }
    };
    await Promise.allSettled(Array.from({ length: 16 }, callOn));
    await first.end('SIGKILL');
    const second = await start();
    const stored = await until(
      () => allRecordsOf(second),
      (ids) => answered.every((id) => ids.has(id)),
    );
    expect(answered.length).toBeGreaterThanOrEqual(400);
    expect(answered.filter((id) => !stored.has(id))).toEqual([]);
  });

  it('does not start without an encryption key in use; told that it is lost, serves on and says which accounts it cannot open', async () => {
    const first = await start();
    await addAccount(first);
    await first.end('SIGTERM');
    const lost = (await readFile(join(dataDir, 'keyring'), 'utf8')).match(/^(k\w+):/m)?.[1] ?? '';
    const other = { ENCRYPTION_KEYS: `other:${Buffer.alloc(32, 7).toString('base64')}` };
    const refused = await runRefusedGateway({ DATA_DIR: dataDir, ...other });
    expect(refused).toMatchObject({ status: 78 });
    expect(refused.output).toContain(`"${lost}" (1 rows)`);
    const second = await start({ ...other, LOST_ENCRYPTION_KEYS: lost });
    const { body } = await admin(second, 'GET', '/accounts');
    expect(body['data']).toMatchObject([{ state: { machine: 'auth_failed' } }]);
    expect((await call(second)).status).toBe(503);
  });
});

describe('a start is refused with status 78 and a reason', () => {
  it('lists every fault of the environment, and no secret', async () => {
    const { status, output } = await runRefusedGateway({
      DATA_DIR: dataDir,
      PORT: 'eighty',
      ADMIN_API_KEY: 'short-secret',
      COOL_DOWN_MINUTES: '-1',
      SIDE_POL_KEYS: 'gsk_a',
    });
    expect(status).toBe(78);
    for (const name of ['PORT', 'ADMIN_API_KEY', 'COOL_DOWN_MINUTES', 'SIDE_POL_KEYS'])
      expect(output).toContain(name);
    expect(output).not.toContain('short-secret');
  });

  it('when the port is taken', async () => {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const address = server.address();
    const PORT = String(typeof address === 'object' ? address?.port : '');
    const { status, output } = await runRefusedGateway({ DATA_DIR: dataDir, PORT });
    server.close();
    expect(status).toBe(78);
    expect(output).toMatch(/EADDRINUSE/);
  });

  it('when another process has the data directory', async () => {
    const { child } = await start();
    const { status, output } = await runRefusedGateway({ DATA_DIR: dataDir, PORT: '0' });
    expect(status).toBe(78);
    expect(output).toContain(String(child.pid));
  });

  it('when the data directory is corrupt', async () => {
    const first = await start();
    await first.end('SIGTERM');
    await writeFile(join(dataDir, 'postgres', 'data', 'PG_VERSION'), '9.1\n');
    const { status, output } = await runRefusedGateway({ DATA_DIR: dataDir, PORT: '0' });
    expect(status).toBe(78);
    expect(output).toMatch(/version/i);
  });
});
