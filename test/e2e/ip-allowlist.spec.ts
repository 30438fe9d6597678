import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const model = 'openai/gpt-4o-mini';
const scenario = { providers: { openai: { keys: ['sk-sim-one'] } } };

/** Sends requests as they come from a proxy in front, which writes whom it got them from. */
function senderTo(gateway: TestGateway) {
  const send = async (path: string, key: string | null, from: string, body?: object) => {
    const response = await fetch(`${gateway.url}${path}`, {
      method: body === undefined ? 'GET' : 'POST',
      headers: {
        'content-type': 'application/json',
        'x-forwarded-for': from,
        ...(key === null ? {} : { authorization: `Bearer ${key}` }),
      },
      body: body === undefined ? null : JSON.stringify(body),
    });
    return { status: response.status, text: await response.text() };
  };
  const call = (key: string, from: string) =>
    send('/v1/chat/completions', key, from, { model, messages: [{ role: 'user', content: 'Hello' }] });
  return { send, call };
}

describe('the list of a key', () => {
  let gateway: TestGateway;
  let to: ReturnType<typeof senderTo>;

  beforeAll(async () => {
    gateway = await startTestGateway(scenario, { TRUSTED_PROXIES: '1' });
    await gateway.addAccount('openai', 'sk-sim-one');
    to = senderTo(gateway);
  });
  afterAll(() => gateway.close());

  async function makeKey(scopes: string[] = ['call'], more: object = {}) {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'listed', scopes, ...more });
    return { id: String(body['id']), secret: String(body['secret']) };
  }
  const restrict = (id: string, draft: object) => gateway.admin('PUT', `/api-keys/${id}/ip-allowlist`, draft);

  it('lets in whom it names and refuses all others, on the first call and on later ones', async () => {
    const { secret } = await makeKey(['call'], { ipAllowlist: ['203.0.113.0/24', '2001:db8::/32'] });
    const froms = ['198.51.100.1', '203.0.113.9', '198.51.100.1', '[2001:db8::1]:443', '::ffff:203.0.113.1'];
    const statuses: number[] = [];
    for (const from of froms) statuses.push((await to.call(secret, from)).status);
    expect(statuses).toEqual([403, 200, 403, 200, 200]);
  });

  it('is not got round by a forged header', async () => {
    const { secret } = await makeKey(['call'], { ipAllowlist: ['203.0.113.7'] });
    for (const from of [
      '203.0.113.7, 198.51.100.1',
      '203.0.113.7,',
      '198.51.100.1, unknown',
      'x'.repeat(8_000),
    ]) {
      expect((await to.call(secret, from)).status).toBe(403);
    }
    expect((await to.call(secret, `${'garbage, '.repeat(200)}203.0.113.7`)).status).toBe(200);
  });

  it('is in force on model lists and admin routes, in the words of each', async () => {
    const { secret } = await makeKey(['call', 'admin:read'], { ipAllowlist: ['203.0.113.7'] });
    for (const path of ['/v1/models', '/v1beta/models', '/admin/v1/accounts']) {
      const refused = await to.send(path, secret, '198.51.100.1');
      expect({ path, status: refused.status }).toEqual({ path, status: 403 });
      expect(refused.text).toContain(path === '/v1beta/models' ? 'PERMISSION_DENIED' : 'ip_not_allowed');
      expect(refused.text).not.toContain('203.0.113');
      expect((await to.send(path, secret, '203.0.113.7')).status).toBe(200);
    }
  });

  it('says nothing else to a stranger than to a caller from elsewhere', async () => {
    const { secret } = await makeKey(['call'], { ipAllowlist: ['203.0.113.7'] });
    const guess = `${secret.slice(0, -1)}${secret.endsWith('a') ? 'b' : 'a'}`;
    expect((await to.call(guess, '198.51.100.1')).status).toBe(401);
    expect((await to.call(guess, '203.0.113.7')).status).toBe(401);
  });

  it('is set, changed and taken back at once', async () => {
    const { id, secret } = await makeKey();
    const elsewhere = () => to.call(secret, '198.51.100.1').then(({ status }) => status);
    expect(await elsewhere()).toBe(200);
    expect((await restrict(id, { entries: ['203.0.113.7'], mode: 'enforce' })).status).toBe(200);
    expect(await elsewhere()).toBe(403);
    const { body } = await restrict(id, { entries: ['203.0.113.7'], mode: 'report' });
    expect(body).toMatchObject({ ipAllowlist: ['203.0.113.7'], ipAllowlistMode: 'report' });
    expect(await elsewhere()).toBe(200);
    const metrics = await (await fetch(`${gateway.url}/metrics`)).text();
    expect(metrics).toMatch(/pool_ip_refusals_total\{list="key",outcome="reported"\} [1-9]/);
    expect((await restrict(id, { entries: [], mode: 'enforce' })).status).toBe(200);
    expect(await elsewhere()).toBe(200);
  });

  it('names the faults of a list', async () => {
    const { id } = await makeKey();
    expect(await restrict(id, { entries: ['10.0.0.0/8', '300.1.1.1'], mode: 'enforce' })).toMatchObject({
      status: 400,
      body: { code: 'invalid_request', field: 'entries[1]' },
    });
    expect(await restrict(id, { entries: [], mode: 'maybe' })).toMatchObject({
      status: 400,
      body: { field: 'mode' },
    });
  });

  it('does not lock out the key that sets it', async () => {
    const { id, secret } = await makeKey(['admin:write', 'admin:read']);
    const self = (draft: object) =>
      gateway.admin('PUT', `/api-keys/${id}/ip-allowlist`, draft, {
        authorization: `Bearer ${secret}`,
        'x-forwarded-for': '198.51.100.1',
      });
    const draft = { entries: ['203.0.113.7'], mode: 'enforce' };
    expect(await self(draft)).toMatchObject({ status: 409, body: { code: 'conflict', field: 'entries' } });
    expect((await self({ ...draft, entries: ['203.0.113.7', '198.51.100.0/24'] })).status).toBe(200);
    expect((await self({ ...draft, force: true })).status).toBe(200);
    expect((await self(draft)).status).toBe(403);
  });
});

describe('the list of all', () => {
  let gateway: TestGateway;
  let to: ReturnType<typeof senderTo>;

  beforeAll(async () => {
    gateway = await startTestGateway(scenario, {
      TRUSTED_PROXIES: '127.0.0.0/8,10.0.0.0/8',
      GLOBAL_IP_ALLOWLIST: '127.0.0.1, 203.0.113.0/24, 64:ff9b::192.0.2.1',
    });
    await gateway.addAccount('openai', 'sk-sim-one');
    to = senderTo(gateway);
  });
  afterAll(() => gateway.close());

  it('is in force on everything but the probes, with a key and without', async () => {
    const { adminKey } = gateway;
    const paths = [
      '/v1/models',
      '/admin/v1/accounts',
      '/docs',
      '/docs-json',
      '/metrics',
      '/nothing',
      '/v1/nothing',
    ];
    for (const path of paths) {
      expect({ path, ...(await to.send(path, adminKey, '198.51.100.1')) }).toMatchObject({
        path,
        status: 403,
      });
      expect((await to.send(path, null, '198.51.100.1')).status).toBe(403);
      expect((await to.send(path, adminKey, '203.0.113.1, 10.1.1.1')).status).not.toBe(403);
    }
    for (const path of ['/healthz', '/readyz']) {
      expect((await to.send(path, null, '198.51.100.1')).status).toBe(200);
    }
  });

  it('is in force on calls, and so is the list of their key', async () => {
    const draft = {
      name: 'listed',
      scopes: ['call'],
      ipAllowlist: ['203.0.113.7', '198.51.100.1', '192.0.2.1'],
    };
    const { body } = await gateway.admin('POST', '/api-keys', draft);
    const froms = ['203.0.113.7', '203.0.113.8', '198.51.100.1', '192.0.2.1'];
    const statuses: number[] = [];
    for (const from of froms) statuses.push((await to.call(String(body['secret']), from)).status);
    expect(statuses).toEqual([200, 403, 403, 200]);
  });
});
