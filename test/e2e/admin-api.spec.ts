import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
const openaiKey = 'sk-sim-openai-secret-1';

beforeAll(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys: [openaiKey] } } });
});
afterAll(() => gateway.close());

async function call(key: string, model = 'openai/gpt-4o-mini'): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { 'x-api-key': key, 'content-type': 'application/json' },
    body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
  });
  await response.text();
  return response.status;
}

describe('accounts', () => {
  let id: string;

  it('are created with a sealed credential that no answer ever shows', async () => {
    const { status, body } = await gateway.admin('POST', '/accounts', {
      provider: 'openai',
      name: 'first',
      credential: openaiKey,
      limits: { rpm: 100 },
      tags: { team: 'search' },
    });
    expect(status).toBe(201);
    expect(body).toMatchObject({
      provider: 'openai',
      name: 'first',
      weight: 1,
      tier: 1,
      enabled: true,
      state: { human: 'enabled', machine: 'closed', reason: null, until: null },
      limits: { rpm: 100, tpm: null },
      credentialPreview: '…et-1',
    });
    id = String(body['id']);
    const answers = await Promise.all(
      ['/accounts', `/accounts/${id}`, '/providers'].map((path) => gateway.admin('GET', path)),
    );
    expect(JSON.stringify(answers)).not.toContain(openaiKey);
    expect(await call(gateway.callerKey)).toBe(200);
  });

  it('are taken out at once and put back at once', async () => {
    for (const [action, body, status] of [
      ['disable', { reason: 'a drill' }, 503],
      ['enable', {}, 200],
      ['pause', { forSeconds: 900 }, 503],
      ['enable', {}, 200],
    ] as const) {
      expect((await gateway.admin('POST', `/accounts/${id}/${action}`, body)).status).toBe(200);
      expect(await call(gateway.callerKey)).toBe(status);
    }
  });

  it('are tested by the cheapest call of their provider', async () => {
    const { body } = await gateway.admin('POST', `/accounts/${id}/test`, {});
    expect(body).toMatchObject({ ok: true, latencyMs: expect.any(Number) });
    const bad = await gateway.addAccount('openai', 'sk-nobody-knows', { tier: 2 });
    const { body: failed } = await gateway.admin('POST', `/accounts/${bad}/test`, {});
    expect(failed).toMatchObject({ ok: false, class: 'authentication' });
    expect((await gateway.admin('DELETE', `/accounts/${bad}`)).status).toBe(204);
  });

  it('change only on the version that was read', async () => {
    const patch = (headers: Record<string, string>) =>
      gateway.admin('PATCH', `/accounts/${id}`, { weight: 3 }, headers);
    expect(await patch({})).toMatchObject({ status: 428, body: { code: 'precondition_required' } });
    expect(await patch({ 'if-match': '"99"' })).toMatchObject({ status: 409, body: { code: 'conflict' } });
    const { body } = await gateway.admin('GET', `/accounts/${id}`);
    expect(await patch({ 'if-match': `"${String(body['version'])}"` })).toMatchObject({
      status: 200,
      body: { weight: 3 },
    });
  });

  it('tell their story, newest first', async () => {
    const { body } = await gateway.admin('GET', `/accounts/${id}/timeline?limit=500`);
    const kinds = (body['data'] as { kind: string }[]).map(({ kind }) => kind);
    expect(kinds.at(-1)).toBe('created');
    expect(kinds).toEqual(expect.arrayContaining(['disabled', 'enabled', 'paused', 'changed']));
  });

  it('explain who would serve a call and why not', async () => {
    const { body } = await gateway.admin('POST', '/pools/explain', { model: 'openai/gpt-4o-mini' });
    expect(body).toMatchObject({
      accounts: [{ accountId: id, eligible: true, share: 1 }],
      wouldAnswer: { status: 200 },
    });
    const { body: pool } = await gateway.admin('GET', '/pools/openai');
    expect(pool).toMatchObject({ accounts: { total: 1, eligible: 1 }, capacity: { rpm: { limit: 100 } } });
  });

  it('keep their provider from being deleted', async () => {
    const { body } = await gateway.admin('GET', '/providers');
    const [provider] = body['data'] as { id: string }[];
    expect(await gateway.admin('DELETE', `/providers/${provider?.id}`)).toMatchObject({
      status: 409,
      body: { code: 'conflict' },
    });
  });
});

describe('quota groups', () => {
  it('are kept like every resource: versions, pages, and no deletion while accounts belong to them', async () => {
    const { status, body } = await gateway.admin('POST', '/quota-groups', {
      provider: 'openai',
      name: 'organisation-a',
      limits: { rpm: 60 },
    });
    expect({ status, body }).toMatchObject({
      status: 201,
      body: { provider: 'openai', limits: { rpm: 60, tpm: null }, notes: '', version: 1 },
    });
    const path = `/quota-groups/${String(body['id'])}`;
    const patch = (headers: Record<string, string>) =>
      gateway.admin('PATCH', path, { limits: { tpm: 1000 } }, headers);
    expect((await patch({})).status).toBe(428);
    expect((await patch({ 'if-match': '7' })).status).toBe(409);
    expect(await patch({ 'if-match': '1' })).toMatchObject({ body: { limits: { rpm: 60, tpm: 1000 } } });
    const account = await gateway.addAccount('openai', 'sk-grouped', { quotaGroupId: body['id'] });
    const listed = await gateway.admin('GET', `/accounts?quotaGroupId=${String(body['id'])}`);
    expect(listed.body['data']).toMatchObject([{ id: account, quotaGroupId: body['id'] }]);
    expect(await gateway.admin('DELETE', path)).toMatchObject({ status: 409, body: { code: 'conflict' } });
    expect((await gateway.admin('DELETE', `/accounts/${account}`)).status).toBe(204);
    expect((await gateway.admin('DELETE', path)).status).toBe(204);
    expect((await gateway.admin('GET', path)).status).toBe(404);
  });
});

describe('routes', () => {
  it('give a model a name, change in force at once, and hold their provider', async () => {
    const tiers = [[{ provider: 'openai', model: 'gpt-4o-mini' }]];
    const { status, body } = await gateway.admin('POST', '/routes', { name: 'mini', tiers });
    expect({ status, tiers: body['tiers'] }).toEqual({
      status: 201,
      tiers: [[{ ...tiers[0]?.[0], weight: 1 }]],
    });
    expect(await call(gateway.callerKey, 'mini')).toBe(200);
    const path = `/routes/${String(body['id'])}`;
    expect((await gateway.admin('POST', '/routes', { name: 'mini', tiers })).status).toBe(409);
    expect((await gateway.admin('PATCH', path, { name: 'tiny' }, { 'if-match': '1' })).status).toBe(200);
    expect(await call(gateway.callerKey, 'mini')).toBe(404);
    expect(await call(gateway.callerKey, 'tiny')).toBe(200);
    expect((await gateway.admin('DELETE', path)).status).toBe(204);
    expect(await call(gateway.callerKey, 'tiny')).toBe(404);
  });

  it.each([
    [{ name: 'x', tiers: [] }, 'tiers'],
    [{ name: 'x', tiers: [[{ provider: 'openai' }]] }, 'tiers'],
    [{ name: 'x', tiers: [[{ provider: 'openai', model: 'm', weight: -1 }]] }, 'tiers'],
    [{ name: 'x', tiers: Array.from({ length: 11 }, () => [{ provider: 'openai', model: 'm' }]) }, 'tiers'],
    [{ name: 'x', tiers: [Array.from({ length: 51 }, () => ({ provider: 'openai', model: 'm' }))] }, 'tiers'],
    [{ tiers: [[{ provider: 'openai', model: 'm' }]] }, 'name'],
    [{ name: 'x', tiers: [[{ provider: 'openai', model: 'm' }]], colour: 'red' }, 'colour'],
  ])('name what is wrong with %j', async (draft, field) => {
    const { status, headers, body } = await gateway.admin('POST', '/routes', draft);
    expect({ status, type: headers.get('content-type') }).toEqual({
      status: 400,
      type: 'application/problem+json; charset=utf-8',
    });
    expect(body).toMatchObject({ code: 'invalid_request', field });
  });
});

describe('keys', () => {
  it('are shown once, work at once, and are refused at once when revoked', async () => {
    const { body } = await gateway.admin('POST', '/api-keys', { name: 'short-lived', scopes: ['call'] });
    const secret = String(body['secret']);
    expect(await call(secret)).toBe(200);
    const path = `/api-keys/${String(body['id'])}`;
    expect(JSON.stringify((await gateway.admin('GET', path)).body)).not.toContain(secret);
    expect((await gateway.admin('POST', `${path}/disable`)).status).toBe(200);
    expect(await call(secret)).toBe(401);
    expect((await gateway.admin('POST', `${path}/enable`)).status).toBe(200);
    expect(await call(secret)).toBe(200);
    expect((await gateway.admin('POST', `${path}/revoke`)).status).toBe(200);
    expect(await call(secret)).toBe(401);
  });

  it('may use the models they are allowed, and no others', async () => {
    const draft = { name: 'narrow', scopes: ['call'], models: { allow: ['openai/gpt-4o*'] } };
    const { body } = await gateway.admin('POST', '/api-keys', draft);
    expect(await call(String(body['secret']))).toBe(200);
    expect(await call(String(body['secret']), 'openai/o3')).toBe(403);
  });

  it('reach only what their scopes name', async () => {
    const headers = { authorization: `Bearer ${gateway.callerKey}` };
    for (const path of ['/accounts', '/api-keys', '/routes', '/usage']) {
      expect(await gateway.admin('GET', path, undefined, headers)).toMatchObject({
        status: 403,
        body: { code: 'insufficient_scope' },
      });
    }
  });
});

describe('usage', () => {
  it('is recorded once per call with account, key, tokens and cost', async () => {
    const { body: key } = await gateway.admin('POST', '/api-keys', { name: 'counted', scopes: ['call'] });
    for (let i = 0; i < 3; i += 1) expect(await call(String(key['secret']))).toBe(200);
    const ofKey = `/usage/records?apiKeyId=${String(key['id'])}`;
    const records = await until(
      async () => (await gateway.admin('GET', ofKey)).body['data'] as Record<string, unknown>[],
      ({ length }) => length >= 3,
    );
    expect(records).toHaveLength(3);
    expect(records[0]).toMatchObject({
      provider: 'openai',
      model: 'openai/gpt-4o-mini',
      upstreamModel: 'gpt-4o-mini',
      status: 200,
      attempts: [{ status: 200, class: null }],
      costUsd: expect.stringMatching(/^0\.\d+$/),
    });
    const { body } = await gateway.admin('GET', '/usage?groupBy=apiKey,model');
    const row = (body['data'] as Record<string, unknown>[]).find(({ apiKey }) => apiKey === key['id']);
    expect(row).toMatchObject({
      requests: 3,
      failedRequests: 0,
      model: 'openai/gpt-4o-mini',
      unpricedRequests: 0,
    });
  });
});

describe('the OpenAPI document', () => {
  const read = async () =>
    (await (await fetch(`${gateway.url}/docs-json`)).json()) as {
      paths: Record<string, Record<string, Record<string, unknown>>>;
      components: { schemas: Record<string, { properties: Record<string, object> }> };
    };

  it('says which strategies and settings a provider may have, and that a POST may be sent again', async () => {
    const { paths, components } = await read();
    const { strategy, settings } = components.schemas['CreateProviderDto']?.properties ?? {};
    expect(strategy).toMatchObject({ enum: expect.arrayContaining(['entropy', 'lowest-cost']) });
    expect(settings).toMatchObject({ properties: { maxWaitMs: { default: 2000, maximum: 600_000 } } });
    const { parameters } = paths['/admin/v1/accounts']?.['post'] ?? {};
    expect(parameters).toMatchObject([{ name: 'Idempotency-Key', in: 'header' }]);
  });

  it('declares a scope on every admin route', async () => {
    const document = await read();
    const admin = Object.entries(document.paths).filter(([path]) => path.startsWith('/admin/'));
    const operations = admin.flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, operation]) => ({ path, method, operation })),
    );
    expect(operations.length).toBeGreaterThan(30);
    expect(operations.filter(({ operation }) => operation['x-required-scope'] === undefined)).toEqual([]);
  });
});
