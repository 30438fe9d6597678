import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startSimulator, type Simulator } from '../../apps/provider-simulator/src/index.js';
import { databaseText } from '../support/database-text.js';
import { runRefusedGateway, startGatewayProcess, type GatewayProcess } from '../support/gateway-process.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';

const adminKey = 'test-admin-key-of-at-least-32-characters';
const newKey = (id: string): string => `${id}:${randomBytes(32).toString('base64')}`;
const [original, other, pepper] = [newKey('original'), newKey('other'), newKey('pepper')];
const credentials = ['sk-real-first-0123456789', 'sk-real-second-0123456789'] as const;

let simulator: Simulator;
let source: TestDatabase;
let restored: TestDatabase;
let directory: string;
let callerKey: string;
/** Ids of the accounts, in the order of their credentials. */
const accounts: string[] = [];

/** What a gateway on that database has in its environment, with a data directory that no other had. */
async function environment(database: TestDatabase, more: object): Promise<Record<string, string>> {
  return {
    DATABASE_URL: database.applicationUrl.reveal(),
    DATABASE_MIGRATION_URL: database.url.reveal(),
    DATA_DIR: await mkdtemp(join(directory, 'data-')),
    ADMIN_API_KEY: adminKey,
    KEY_PEPPERS: pepper,
    OPENAI_BASE_URL: `${simulator.url}/openai/v1`,
    MODEL_REFRESH_HOURS: '0',
    ...more,
  };
}

async function run(
  database: TestDatabase,
  more: object,
  work: (gateway: GatewayProcess) => Promise<void>,
): Promise<void> {
  const gateway = await startGatewayProcess(await environment(database, more));
  try {
    await work(gateway);
  } finally {
    await gateway.end('SIGTERM');
  }
}

async function admin(
  url: string,
  method: string,
  path: string,
  body?: object,
): Promise<Record<string, unknown>> {
  const response = await fetch(`${url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', 'if-match': '"1"' },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const answer = (await response.json()) as Record<string, unknown>;
  if (!response.ok) throw new Error(JSON.stringify(answer));
  return answer;
}

/** @returns the status, and the account that answered */
async function call(url: string): Promise<[number, string | null]> {
  const messages = [{ role: 'user', content: 'Hello' }];
  const response = await fetch(`${url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o-mini', messages }),
  });
  await response.text();
  return [response.status, response.headers.get('x-pool-account')];
}

const stateOf = async (url: string, id: string | undefined): Promise<unknown> =>
  (await admin(url, 'GET', `/accounts/${id}`))['state'];

beforeAll(async () => {
  simulator = await startSimulator({
    providers: { openai: { keys: [...credentials, 'sk-real-third-0123456789'] } },
  });
  directory = await mkdtemp(join(tmpdir(), 'restored-'));
  source = await createTestDatabase();
  await run(source, { ENCRYPTION_KEYS: original }, async ({ url }) => {
    for (const credential of credentials) {
      const draft = { provider: 'openai', name: `n${accounts.length}`, credential };
      accounts.push(String((await admin(url, 'POST', '/accounts', draft))['id']));
    }
    const key = await admin(url, 'POST', '/api-keys', { name: 'caller', scopes: ['call'] });
    callerKey = String(key['secret']);
    expect((await call(url))[0]).toBe(200);
  });
  restored = await createTestDatabase(source);
}, 120_000);
afterAll(async () => {
  await simulator.close();
  await Promise.all([source.drop(), restored.drop()]);
  await rm(directory, { recursive: true, force: true });
});

describe('a database restored where its encryption key is not', () => {
  it('holds no credential and no system key in any form that needs no key', async () => {
    const text = (await databaseText(restored.url)).join('\n');
    expect(text).toContain(accounts[0]);
    for (const secret of [...credentials, callerKey]) {
      // Neither whole nor without its beginning and its end, which people are shown.
      for (const part of [secret, secret.slice(8, -5)]) {
        for (const form of ['utf8', 'hex', 'base64'] as const) {
          expect(text).not.toContain(Buffer.from(part).toString(form));
        }
      }
    }
  });

  it('is not served, neither with another key nor with one that is made at the start', async () => {
    for (const keys of [{ ENCRYPTION_KEYS: other }, {}]) {
      const { status, output } = await runRefusedGateway({
        ...(await environment(restored, keys)),
        PORT: '0',
      });
      expect([status, output]).toEqual([78, expect.stringContaining('"original" (2 rows)')]);
      expect(output).toContain('LOST_ENCRYPTION_KEYS=original');
    }
  }, 60_000);

  it('is served once people say that the key is lost: each account shows it, new credentials work', async () => {
    const lost = { ENCRYPTION_KEYS: other, LOST_ENCRYPTION_KEYS: 'original' };
    await run(restored, lost, async ({ url }) => {
      for (const id of accounts) {
        const unreadable = { machine: 'auth_failed', reason: 'credential.unreadable.unknown_key' };
        expect(await stateOf(url, id)).toMatchObject(unreadable);
      }
      expect((await call(url))[0]).toBe(503);
      expect((await admin(url, 'GET', '/encryption'))['keys']).toMatchObject([
        { keyId: 'other', available: true, rows: 0 },
        { keyId: 'original', available: false, rows: 2 },
      ]);
      await admin(url, 'PATCH', `/accounts/${accounts[0]}`, { credential: 'sk-real-third-0123456789' });
      expect(await call(url)).toEqual([200, accounts[0]]);
    });
  }, 60_000);

  it('is whole again once the key is back, with what was sealed meanwhile', async () => {
    await run(restored, { ENCRYPTION_KEYS: `${original},${other}` }, async ({ url }) => {
      for (const id of accounts) expect(await stateOf(url, id)).toMatchObject({ machine: 'closed' });
      const served = new Set<string | null>();
      for (let i = 0; i < 6; i += 1) served.add((await call(url))[1]);
      expect([...served].sort()).toEqual([...accounts].sort());
    });
  }, 60_000);
});
