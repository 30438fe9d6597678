import { randomBytes } from 'node:crypto';
import { mkdtemp, readFile, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { AdminWorld, ask, changes, questions } from '../support/admin-requests.js';
import { faults, RepeatingProvider } from '../support/repeating-provider.js';
import { aServiceAccount } from '../support/service-account.js';
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
const upstream = new RepeatingProvider(() => canary('an issued token'));

let database: TestDatabase;
let dataDir: string;
let base: string;
let gateway: GatewayProcess;
let world: AdminWorld;
/** Everything admins and callers were answered, secrets that are shown once left out. */
const answers: string[] = [];

beforeAll(async () => {
  database = await createTestDatabase();
  dataDir = await mkdtemp(join(tmpdir(), 'gateway-canaries-'));
  base = await upstream.listen();
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
    GROQ_BASE_URL: `${base}/v1`,
    GROQ_API_KEY: canary('a key of the environment'),
    SIDE_POOL_KEYS: `groq:${canary('a key of the static pool')}`,
    LOG_LEVEL: 'trace',
  });

  world = new AdminWorld({ admin, ownerUrl: database.url }, canary);
  for (const kind of ['openai', 'anthropic', 'google']) {
    const { status } = await admin('POST', '/providers', { name: kind, kind, settings: { maxWaitMs: 0 } });
    expect(status).toBe(201);
  }
}, 120_000);
afterAll(async () => {
  await gateway.end('SIGTERM');
  await upstream.close();
  await database.drop();
  await rm(dataDir, { recursive: true, force: true });
});

/** What an answer shows, and the secrets it shows this once. */
function apart(body: Record<string, unknown>): { shown: object; secrets: string[] } {
  const { secret, signingSecret, claimToken, ...shown } = body;
  const isText = (value: unknown): value is string => typeof value === 'string';
  return { shown, secrets: [secret, signingSecret, claimToken].filter(isText) };
}

async function admin(method: string, path: string, body?: unknown, more = {}): Promise<AdminAnswer> {
  const response = await fetch(`${gateway.url}/admin/v1${path}`, {
    method,
    headers: { authorization: `Bearer ${adminKey}`, 'content-type': 'application/json', ...more },
    body: body === undefined ? null : JSON.stringify(body),
  });
  const text = await response.text();
  const isJson = response.headers.get('content-type')?.includes('json') === true && text.startsWith('{');
  const parsed = isJson && !text.includes('}\n{') ? (JSON.parse(text) as Record<string, unknown>) : {};
  const { shown, secrets } = apart(parsed);
  for (const secret of secrets) canaries.set(secret, 'a secret that is shown once');
  answers.push(secrets.length > 0 ? JSON.stringify(shown) : text);
  answers.push(JSON.stringify([...response.headers]));
  return { status: response.status, headers: response.headers, body: parsed };
}

/** A call in each wire format, whose prompt may come back to its own caller and to nobody else. */
async function call(kind: string, stream: boolean, key: string): Promise<void> {
  const text = `Hello ${prompt}`;
  const messages = [{ role: 'user', content: text }];
  const [path, body] = {
    openai: ['/v1/chat/completions', { model: 'openai/gpt-4o-mini', messages, stream }] as const,
    groq: ['/v1/chat/completions', { model: 'groq/llama', messages, stream }] as const,
    azure: ['/v1/chat/completions', { model: 'azure/gpt', messages, stream }] as const,
    bedrock: [
      '/v1/messages',
      { model: 'bedrock/anthropic.claude', messages, stream, max_tokens: 5 },
    ] as const,
    vertex: [
      '/v1beta/models/vertex%2Fgemini:generateContent',
      { contents: [{ parts: [{ text }] }] },
    ] as const,
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
  answers.push(JSON.stringify([...response.headers]));
}

/** What the parts of credentials in JSON are; what is secret of them is a canary each. */
const partsOf: Readonly<Record<string, () => object>> = {
  azure: () => ({ tenantId: 't', clientId: 'c', clientSecret: canary('a client secret'), authority: base }),
  bedrock: () => ({
    accessKeyId: 'AKIAEXAMPLE',
    secretAccessKey: canary('a secret access key'),
    sessionToken: canary('a session token'),
    region: 'eu-central-1',
  }),
  vertex: () => {
    const account = JSON.parse(aServiceAccount({ token_uri: `${base}/token` })) as { private_key: string };
    for (const line of account.private_key.split('\n').slice(1, -2))
      canaries.set(line, 'a line of a private key');
    return account;
  },
};

async function accountWithParts(provider: string): Promise<string> {
  const credential = JSON.stringify(partsOf[provider]?.());
  const { status, body } = await admin('POST', '/accounts', {
    provider,
    name: `parts-${provider}`,
    credential,
  });
  expect(status).toBe(201);
  return String(body['id']);
}

/** A call that is refused for its key. */
async function wrongKey(path: string, headers: Record<string, string>): Promise<void> {
  const response = await fetch(gateway.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: '{}',
  });
  expect(response.status).toBe(401);
  answers.push(await response.text());
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
        upstream.fault = each;
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

  it('after it was a part of a credential, an issued token, or a key of the environment', async () => {
    upstream.heard.clear();
    const { body } = await admin('POST', '/api-keys', { name: 'clouds', scopes: ['call'] });
    for (const [name, kind] of [
      ['azure', 'azure-openai'],
      ['bedrock', 'bedrock'],
      ['vertex', 'vertex-ai'],
    ]) {
      const { status } = await admin('POST', '/providers', {
        name,
        kind,
        baseUrl: base,
        settings: { maxWaitMs: 0 },
      });
      expect(status).toBe(201);
    }
    const path = `/accounts/${await accountWithParts('azure')}`;
    await accountWithParts('bedrock');
    await accountWithParts('vertex');
    for (const issues of [false, true]) {
      upstream.issuesTokens = issues;
      for (const each of faults) {
        upstream.fault = each;
        for (const kind of ['azure', 'bedrock', 'vertex', 'groq'])
          await call(kind, true, String(body['secret']));
        await admin('POST', `${path}/clear-cooldown`, {});
        await admin('POST', `${path}/test`, {});
      }
    }
    // The health monitor may try accounts of the tests before, too.
    const heard = new Set([...canaries].filter(([text]) => upstream.heard.has(text)).map(([, what]) => what));
    expect([...heard]).toEqual(
      expect.arrayContaining([
        'a prompt',
        'a client secret',
        'a session token',
        'an issued token',
        'a key of the environment',
        'a key of the static pool',
      ]),
    );
    for (const signsOnly of ['a secret access key', 'a line of a private key'])
      expect([...heard]).not.toContain(signsOnly);
    for (const header of ['x-api-key', 'x-goog-api-key'])
      await wrongKey('/v1/messages', { [header]: canary(header) });
    await wrongKey(`/v1beta/models/x:generateContent?key=${canary('a key in a URL')}`, {});
  }, 120_000);

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
