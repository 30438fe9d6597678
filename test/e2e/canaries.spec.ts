import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminWorld, ask, changes, questions } from '../support/admin-requests.js';
import { databaseText } from '../support/database-text.js';
import { startGatewayProcess, type GatewayProcess } from '../support/gateway-process.js';
import { adminOperations } from '../support/openapi-walk.js';
import { createTestDatabase, type TestDatabase } from '../support/test-database.js';
import type { AdminAnswer } from '../support/test-gateway.js';

/** Texts that must be seen nowhere. They look like no key that anybody would know to mask. */
const canaries = new Map<string, string>();
const canary = (what: string): string => {
  const text = `canary${randomBytes(12).toString('hex')}`;
  canaries.set(text, what);
  return text;
};

const adminKey = canary('the root admin key').padEnd(32, 'x');
const peppers = randomBytes(32).toString('base64');
const encryption = randomBytes(32).toString('base64');
canaries.set(peppers, 'the pepper').set(encryption, 'the encryption key');
const prompt = canary('a prompt');

let database: TestDatabase;
let dataDir: string;
let upstream: Server;
let gateway: GatewayProcess;
let world: AdminWorld;
/** Everything admins and callers were answered, secrets that are shown once left out. */
const answers: string[] = [];
/** How the provider answers next. */
let fault: Fault;

interface Fault {
  readonly status: number;
  readonly type: string;
  /** @param said all that a provider could repeat of a request: its headers and its body */
  body(said: string): string;
}

const inJson = (status: number, more: object = {}): Fault => ({
  status,
  type: 'application/json',
  body: (said) => JSON.stringify({ error: { message: said, code: said, type: said, param: said, ...more } }),
});
const faults: readonly Fault[] = [
  ...[400, 401, 402, 403, 404, 408, 409, 413, 422, 429, 500, 503, 529].map((status) => inJson(status)),
  inJson(200),
  inJson(401, { code: 'invalid_api_key' }),
  inJson(429, { code: 'insufficient_quota', type: 'insufficient_quota' }),
  { status: 502, type: 'text/html', body: (said) => `<html>${said}</html>` },
  { status: 400, type: 'text/plain', body: (said) => said },
  { status: 500, type: 'application/json', body: (said) => `{"error": {"message": ${JSON.stringify(said)}` },
  {
    status: 200,
    type: 'text/event-stream',
    body: (said) => `data: ${JSON.stringify({ error: { message: said } })}\n\n`,
  },
  {
    status: 200,
    type: 'text/event-stream',
    body: (said) =>
      `data: {"choices":[{"index":0,"delta":{"content":"x"}}]}\n\ndata: ${JSON.stringify({ error: { message: said } })}\n\n`,
  },
];

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-canaries-'));
  upstream = createServer((request, response) => {
    const pieces: Buffer[] = [];
    request.on('data', (piece: Buffer) => pieces.push(piece));
    request.on('end', () => {
      const said = `${JSON.stringify(request.headers)} ${request.url} ${Buffer.concat(pieces).toString()}`;
      response.writeHead(fault.status, { 'content-type': fault.type }).end(fault.body(said));
    });
  }).listen(0, '127.0.0.1');
  await once(upstream, 'listening');
  const base = `http://127.0.0.1:${(upstream.address() as AddressInfo).port}`;
  gateway = await startGatewayProcess({
    DATABASE_URL: database.applicationUrl.reveal(),
    DATABASE_MIGRATION_URL: database.url.reveal(),
    DATA_DIR: dataDir,
    ADMIN_API_KEY: adminKey,
    KEY_PEPPERS: `p:${peppers}`,
    ENCRYPTION_KEYS: `k:${encryption}`,
    OPENAI_BASE_URL: `${base}/v1`,
    ANTHROPIC_BASE_URL: base,
    GOOGLE_BASE_URL: base,
    LOG_LEVEL: 'trace',
  });
  fault = inJson(401);
  world = new AdminWorld({ admin }, canary);
  for (const kind of ['openai', 'anthropic', 'google']) {
    const { status } = await admin('POST', '/providers', { name: kind, kind, settings: { maxWaitMs: 0 } });
    expect(status).toBe(201);
  }
}, 120_000);
afterAll(async () => {
  await gateway.end('SIGTERM');
  upstream.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

async function admin(method: string, path: string, body?: unknown, more = {}): Promise<AdminAnswer> {
  const response = await fetch(`${gateway.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...more },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text.startsWith('{');
  const parsed = isJson && !text.includes('}\n{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  const { secret, ...shown } = parsed;
  if (typeof secret === 'string') canaries.set(secret, 'the secret of a system key');
  answers.push(typeof secret === 'string' ? JSON.stringify(shown) : text);
  answers.push(JSON.stringify([...response.headers]));
  return { status: response.status, headers: response.headers, body: parsed };
}

/** A call in each wire format, whose prompt may come back to its own caller and to nobody else. */
async function call(kind: string, stream: boolean, key: string): Promise<void> {
  const text = `Hello ${prompt}`;
  const messages = [{ role: 'user', content: text }];
  const [path, body] = {
    openai: ['/v1/chat/completions', { model: 'openai/gpt-4o-mini', messages, stream }] as const,
    anthropic: ['/v1/messages', { model: 'anthropic/claude-x', messages, stream, max_tokens: 5 }] as const,
    google: [
      `/v1beta/models/google%2Fgemini-x:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`,
      { contents: [{ role: 'user', parts: [{ text }] }] },
    ] as const,
  }[kind] ?? ['', {}];
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify(body),
  });
  answers.push((await response.text().catch(() => '')).replaceAll(prompt, ''));
}

/** Where texts can be, and which of the canaries are seen there. */
function seen(texts: readonly string[]): string[] {
  const all = texts.join('\n');
  const forms = (text: string): string[] => [
    text,
    Buffer.from(text).toString('hex'),
    Buffer.from(text).toString('base64'),
  ];
  return [...canaries].flatMap(([text, what]) => {
    const at = forms(text)
      .map((form) => all.indexOf(form))
      .find((index) => index >= 0);
    return at === undefined ? [] : [`${what}: …${all.slice(Math.max(0, at - 160), at + 40)}`];
  });
}

describe('a secret is seen nowhere', () => {
  it('after it went through every route of the admin API', async () => {
    const operations = await adminOperations({ url: gateway.url });
    for (const operation of operations) {
      const prepare = { ...changes, ...questions }[`${operation.method} ${operation.path}`];
      if (prepare !== undefined) await ask(operation, prepare, world);
      else await admin(operation.method, operation.path.replaceAll(/\{\w+\}/g, await world.account()));
      // The same, said wrongly: what is refused is not repeated either.
      const wrong = { nonsense: canary('a field'), credential: [canary('a credential')] };
      await admin(operation.method === 'GET' ? 'POST' : operation.method, operation.path, wrong);
    }
    for (const key of [canary('a wrong key'), `pap_live_${canary('a wrong key')}`]) {
      await admin('GET', '/accounts', undefined, { authorization: `Bearer ${key}` });
      await call('openai', false, key);
    }
  }, 120_000);

  it('after providers repeated it in every kind of error', async () => {
    const { body } = await admin('POST', '/api-keys', { name: 'caller', scopes: ['call'] });
    for (const kind of ['openai', 'anthropic', 'google']) {
      for (const each of faults) {
        fault = each;
        const credential = canary(`the key of ${kind} in an answer ${each.status} ${each.type}`);
        const account = { provider: kind, name: `broken-${canaries.size}`, credential };
        const { body: made } = await admin('POST', '/accounts', account);
        const path = `/accounts/${String(made['id'])}`;
        for (const stream of [false, true]) await call(kind, stream, String(body['secret']));
        await admin('POST', `${path}/test`, {});
        await admin('GET', `${path}/timeline`);
        expect((await admin('DELETE', path)).status).toBe(204);
      }
      const { body: providers } = await admin('GET', '/providers?limit=500');
      for (const { id } of providers['data'] as { id: string }[])
        await admin('GET', `/providers/${id}/recent-failures`);
    }
  }, 240_000);

  it('not in what admins and callers are answered, nor in metrics and exports', async () => {
    for (const path of [
      '/audit-events?limit=500',
      '/audit-events/export',
      '/audit-events/export?format=csv',
      '/usage',
    ]) {
      expect((await admin('GET', path)).status).toBe(200);
    }
    answers.push(await (await fetch(`${gateway.url}/metrics`)).text());
    answers.push(await (await fetch(`${gateway.url}/docs-json`)).text());
    expect(seen(answers)).toEqual([]);
  }, 60_000);

  it('not in the log at its most talkative, in the database, or in files beside those of keys', async () => {
    expect(await gateway.end('SIGTERM')).toBe(0);
    expect(gateway.output()).toContain('"level":"debug"');
    expect(seen([gateway.output()])).toEqual([]);
    expect(seen(await databaseText(database.url))).toEqual([]);
    const files = (await readdir(dataDir, { recursive: true, withFileTypes: true })).filter((file) =>
      file.isFile(),
    );
    expect(files.map(({ name }) => name)).toContain('audit-checkpoints.jsonl');
    expect(
      seen(await Promise.all(files.map(({ parentPath, name }) => readFile(join(parentPath, name), 'utf8')))),
    ).toEqual([]);
  }, 60_000);
});
