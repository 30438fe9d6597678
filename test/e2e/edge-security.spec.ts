import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { loadGatewayConfig } from '../../apps/gateway/src/load-gateway-config.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway(
    { providers: { openai: { keys: ['sk-sim-one'] } } },
    { TRUSTED_PROXIES: '1' },
  );
});
afterAll(() => gateway.close());

const get = (path: string, headers: Record<string, string> = {}) => fetch(gateway.url + path, { headers });

describe('pages', () => {
  it('run nothing but their own scripts, in no frame', async () => {
    const response = await get('/docs');
    const policy = response.headers.get('content-security-policy') ?? '';
    expect(response.status).toBe(200);
    expect(policy).toContain("default-src 'none'");
    expect(policy).toContain("script-src 'self'");
    expect(policy).toContain("frame-ancestors 'none'");
    expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    expect(response.headers.get('x-frame-options')).toBe('SAMEORIGIN');
    expect(response.headers.get('x-powered-by')).toBeNull();
  });

  it('of Swagger need no more than that: every script is a file of ours that is there', async () => {
    const html = await (await get('/docs')).text();
    const scripts = [...html.matchAll(/<script([^>]*)>([^<]*)/g)];
    expect(scripts.length).toBeGreaterThan(0);
    for (const [, attributes = '', code = ''] of scripts) {
      const source = /src="([^"]+)"/.exec(attributes)?.[1] ?? '';
      expect(code.trim()).toBe('');
      const file = new URL(source, `${gateway.url}/docs`);
      expect(file.origin).toBe(gateway.url);
      const script = await fetch(file);
      expect([script.status, script.headers.get('content-type')]).toEqual([
        200,
        expect.stringContaining('javascript'),
      ]);
    }
    expect(html).not.toMatch(/\son\w+=/);
  });
});

describe('other origins', () => {
  it('are let in nowhere', async () => {
    const headers = { origin: 'https://evil.example', 'access-control-request-method': 'POST' };
    for (const path of ['/v1/chat/completions', '/v1/models', '/admin/v1/accounts', '/docs-json']) {
      for (const method of ['OPTIONS', 'GET']) {
        const response = await fetch(gateway.url + path, { method, headers });
        const names = [...response.headers.keys()].filter((name) => name.startsWith('access-control-'));
        expect({ path, method, names }).toEqual({ path, method, names: [] });
        await response.text();
      }
    }
  });
});

describe('secrets', () => {
  it('are taken from no URL', async () => {
    const key = encodeURIComponent(gateway.adminKey);
    for (const path of [
      `/v1beta/models?key=${key}`,
      `/v1/models?api_key=${key}`,
      `/admin/v1/accounts?key=${key}`,
    ]) {
      expect((await get(path)).status).toBe(401);
    }
  });

  it('have no parameter of a URL in the OpenAPI document, and stand nowhere in it', async () => {
    const text = await (await get('/docs-json')).text();
    expect(text).not.toContain(gateway.adminKey);
    expect(text).not.toContain(gateway.callerKey);
    const { paths } = JSON.parse(text) as {
      paths: Record<string, Record<string, { parameters?: { name: string; in: string }[] }>>;
    };
    const inUrl = Object.values(paths)
      .flatMap((methods) => Object.values(methods))
      .flatMap(({ parameters = [] }) => parameters)
      .filter((parameter) => parameter.in === 'query' || parameter.in === 'path')
      .map(({ name }) => name);
    expect(inUrl.filter((name) => /^(key|.*(secret|password|credential|token))$/i.test(name))).toEqual([]);
  });
});

describe('wrong keys', () => {
  const from = (address: string, key: string, path = '/admin/v1/accounts') =>
    get(path, { 'x-forwarded-for': address, authorization: `Bearer ${key}` });

  it('are answered 429 past a bound, on admin routes and on calls; others are not touched', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'generated', scopes: ['admin:read'] });
    const statuses = new Set<number>();
    for (let at = 0; at < 150; at += 1) statuses.add((await from('203.0.113.9', `guess-${at}`)).status);
    expect([...statuses]).toEqual([401]);
    const refused = await from('203.0.113.9', 'guess');
    expect(refused.status).toBe(429);
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(await refused.json()).toMatchObject({ code: 'rate_limit_exceeded' });
    const call = await from('203.0.113.9', 'guess', '/v1/models');
    expect([call.status, ((await call.json()) as { error: { code: string } }).error.code]).toEqual([
      429,
      'rate_limit_exceeded',
    ]);
    // The chosen secret might be the next guess; a generated key cannot be guessed.
    expect((await from('203.0.113.9', gateway.adminKey)).status).toBe(429);
    expect((await from('203.0.113.9', String(body['secret']))).status).toBe(200);
    expect((await from('203.0.113.10', gateway.adminKey)).status).toBe(200);
    expect((await from('203.0.113.10', 'guess')).status).toBe(401);
  });
});

describe('admin routes', () => {
  it('may be used 600 times a minute by one client, which is then told the time to wait', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'eager', scopes: ['admin:read'] });
    const headers = { authorization: `Bearer ${String(body['secret'])}`, 'x-forwarded-for': '203.0.113.50' };
    let refused: Response | null = null;
    for (let at = 0; at < 3_000 && refused === null; at += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, () => get('/admin/v1/routes', headers)));
      refused = answers.find(({ status }) => status === 429) ?? null;
    }
    expect(refused?.headers.get('retry-after')).toBe('1');
    expect(await refused?.json()).toMatchObject({ code: 'rate_limit_exceeded' });
  });
});

describe('a client with a network of IPv6 addresses', () => {
  it('is one client to the throttle: it has more addresses than could be counted apart', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'broad', scopes: ['call'] });
    const ask = (network: number, host: number) =>
      get('/admin/v1/routes', {
        authorization: `Bearer ${String(body['secret'])}`,
        'x-forwarded-for': `2001:db8:0:${network}::${host.toString(16)}`,
      });
    const statuses = new Set<number>();
    for (let host = 1; host <= 3_000 && !statuses.has(429); host += 20) {
      const answers = await Promise.all(Array.from({ length: 20 }, (_, at) => ask(1, host + at)));
      for (const { status } of answers) statuses.add(status);
    }
    expect([...statuses]).toEqual([403, 429]);
    expect((await ask(2, 1)).status).toBe(403);
  }, 60_000);
});

describe('addresses inside the network of the cloud', () => {
  it.each([
    'http://169.254.169.254/v1',
    'http://[::ffff:169.254.169.254]/v1',
    'http://metadata.google.internal',
  ])('are no base URL of a provider: %s', async (baseUrl) => {
    const made = await gateway.admin('POST', '/providers', { name: 'evil', kind: 'openai', baseUrl });
    expect(made).toMatchObject({ status: 400, body: { code: 'invalid_request', field: 'baseUrl' } });
    expect(() => loadGatewayConfig({ OPENAI_BASE_URL: baseUrl })).toThrow(
      /OPENAI_BASE_URL must not point to/,
    );
  });

  it('are private ones only where that is denied', () => {
    const environment = { OLLAMA_BASE_URL: 'http://127.0.0.1:11434/v1' };
    expect(() => loadGatewayConfig(environment)).not.toThrow();
    expect(() => loadGatewayConfig({ ...environment, PRIVATE_UPSTREAMS: 'deny' })).toThrow(/OLLAMA_BASE_URL/);
  });
});
