import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const openaiKeys = ['sk-a', 'sk-b', 'sk-c'];
let gateway: TestGateway;
let ids: string[];
let groq: string;

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: { openai: { keys: openaiKeys }, groq: { keys: ['gsk-a'] } },
  });
  const limits = { rpm: 600, tpm: 60_000, maxConcurrency: 20 };
  ids = [];
  for (const key of openaiKeys) ids.push(await gateway.addAccount('openai', key, { limits }));
  groq = await gateway.addAccount('groq', 'gsk-a');
  await gateway.admin('POST', '/routes', {
    name: 'smart',
    tiers: [
      [
        { provider: 'openai', model: 'gpt-4o-mini', weight: 3 },
        { provider: 'groq', model: 'llama-3.3-70b-versatile', weight: 1 },
      ],
      [{ provider: 'groq', model: 'llama-3.1-8b-instant', weight: 1 }],
    ],
  });
});
afterAll(() => gateway.close());

async function explain(request: object): Promise<{ status: number; body: Record<string, unknown> }> {
  return gateway.admin('POST', '/pools/explain', request);
}

const shared = (targets: unknown): unknown[] =>
  (targets as { tier: number; model: string; share: number }[]).map(({ tier, model, share }) => [
    tier,
    model,
    share,
  ]);

describe('POST /pools/explain', () => {
  it('says of a route what each of its targets would do, and which would answer', async () => {
    const { body } = await explain({ model: 'smart' });
    expect(body).toMatchObject({ provider: 'openai', wouldAnswer: { status: 200 } });
    expect(body['accounts']).toHaveLength(3);
    expect(shared(body['targets'])).toEqual([
      [1, 'gpt-4o-mini', 0.75],
      [1, 'llama-3.3-70b-versatile', 0.25],
      [2, 'llama-3.1-8b-instant', 0],
    ]);
  });

  it('turns to the targets that are left', async () => {
    await gateway.admin('POST', `/accounts/${groq}/disable`, { reason: 'test' });
    const { body } = await explain({ model: 'smart' });
    expect(shared(body['targets'])).toEqual([
      [1, 'gpt-4o-mini', 1],
      [1, 'llama-3.3-70b-versatile', 0],
      [2, 'llama-3.1-8b-instant', 0],
    ]);
    await gateway.admin('POST', `/accounts/${groq}/enable`, {});
  });

  it('says whether a key may use the model', async () => {
    const { body: key } = await gateway.admin('POST', '/api-keys', {
      name: 'narrow',
      scopes: ['call'],
      models: { allow: ['smart'], deny: [] },
    });
    const statusOf = async (request: object) => {
      const { body } = await explain({ ...request, apiKeyId: key['id'] });
      return (body['wouldAnswer'] as { status: number }).status;
    };
    expect(await statusOf({ model: 'smart' })).toBe(200);
    expect(await statusOf({ model: 'openai/gpt-4o-mini' })).toBe(403);
    expect(await statusOf({ model: 'gpt-4o-mini', provider: 'openai' })).toBe(403);
    await gateway.admin('POST', `/api-keys/${String(key['id'])}/revoke`, {});
    expect(await statusOf({ model: 'smart' })).toBe(401);
  });

  it.each([
    [404, 'not_found', { model: 'smart', apiKeyId: '00000000-0000-4000-8000-000000000000' }],
    [404, 'model_not_found', { model: 'nothing' }],
    [404, 'not_found', { model: 'm', provider: 'nobody' }],
    [400, 'invalid_request', { model: 'smart', apiKeyId: 'no-uuid' }],
  ])('answers %s %s to %j', async (status, code, request) => {
    expect(await explain(request)).toMatchObject({ status, body: { code } });
  });
});

describe('POST /pools/what-if', () => {
  const whatIf = (request: object) => gateway.admin('POST', '/pools/what-if', request);

  it('foretells shares and capacity, and changes nothing', async () => {
    const [lost, stronger, other] = ids;
    const before = await gateway.admin('GET', '/pools/openai');
    const { status, body } = await whatIf({
      provider: 'openai',
      changes: [
        { accountId: lost, enabled: false },
        { accountId: stronger, weight: 3, limits: { rpm: 1_000 } },
      ],
    });
    expect({ status, capacity: body['capacity'] }).toEqual({
      status: 200,
      capacity: {
        rpm: { before: 1_800, after: 1_600 },
        tpm: { before: 180_000, after: 120_000 },
        concurrency: { before: 60, after: 40 },
      },
    });
    const third = expect.closeTo(1 / 3, 6);
    expect(body['accounts']).toEqual([
      { accountId: lost, name: 'sk-a', shareBefore: third, shareAfter: 0 },
      { accountId: stronger, name: 'sk-b', shareBefore: third, shareAfter: 0.75 },
      { accountId: other, name: 'sk-c', shareBefore: third, shareAfter: 0.25 },
    ]);
    expect((await gateway.admin('GET', '/pools/openai')).body).toEqual(before.body);
  });

  it('foretells what an account in a later tier leaves to the others', async () => {
    const [later] = ids;
    const { body } = await whatIf({ provider: 'openai', changes: [{ accountId: later, tier: 2 }] });
    const shares = (body['accounts'] as { shareAfter: number }[]).map(({ shareAfter }) => shareAfter);
    expect(shares).toEqual([0, 0.5, 0.5]);
    expect(body['capacity']).toMatchObject({ rpm: { before: 1_800, after: 1_800 } });
  });

  it.each([
    [404, { provider: 'nobody', changes: [] }],
    [400, { provider: 'openai', changes: [{ accountId: 'nobody' }] }],
    [400, { provider: 'openai', changes: [{ accountId: 'a', tier: 0 }] }],
    [400, { provider: 'openai' }],
  ])('answers %s to %j', async (status, request) => {
    expect((await whatIf(request)).status).toBe(status);
  });

  it('refuses what no account could be, naming it', async () => {
    const { status, body } = await whatIf({
      provider: 'openai',
      changes: [{ accountId: ids[0], weight: -1 }],
    });
    expect(status).toBe(400);
    expect(body['detail'] ?? body['message']).toContain('weight of');
  });
});

describe('the entropy ratio', () => {
  it('tells how evenly calls were spread, in the report of the pool and among the metrics', async () => {
    expect((await gateway.admin('GET', '/pools/openai')).body['entropyRatio']).toBeNull();
    for (let call = 0; call < 60; call += 1) {
      const response = await fetch(`${gateway.url}/v1/chat/completions`, {
        method: 'POST',
        headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
        body: JSON.stringify({
          model: 'openai/gpt-4o-mini',
          max_tokens: 5,
          messages: [{ role: 'user', content: 'Hi' }],
        }),
      });
      expect(response.status).toBe(200);
      await response.text();
    }
    const ratio = (await gateway.admin('GET', '/pools/openai')).body['entropyRatio'];
    expect(ratio).toBeGreaterThan(0.99);
    const metrics = await fetch(`${gateway.url}/metrics`, {
      headers: { authorization: `Bearer ${gateway.adminKey}` },
    });
    expect(await metrics.text()).toContain(
      `pool_selection_entropy_ratio{provider="openai"} ${String(ratio)}`,
    );
  });
});

describe('GET /pools/{provider}', () => {
  it('does not take an account for free that is full, because it serves certain models alone', async () => {
    const model = 'llama-3.1-8b-instant';
    const { body: before } = await gateway.admin('GET', `/accounts/${groq}`);
    const narrow = { limits: { rpm: 1 }, models: { allow: [model], deny: [] } };
    const ifMatch = { 'if-match': `"${String(before['version'])}"` };
    expect((await gateway.admin('PATCH', `/accounts/${groq}`, narrow, ifMatch)).status).toBe(200);
    const look = async () => (await gateway.admin('GET', '/pools/groq')).body;
    expect(await look()).toMatchObject({ accounts: { eligible: 1 }, wouldAnswer: { status: 200 } });
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
      body: JSON.stringify({ model: `groq/${model}`, messages: [{ role: 'user', content: 'Hi' }] }),
    });
    expect(response.status).toBe(200);
    await response.text();
    expect(await look()).toMatchObject({
      accounts: { eligible: 0 },
      nextReturnAt: expect.any(String),
      wouldAnswer: { status: 429, retryAfterSeconds: expect.any(Number) },
    });
  });
});
