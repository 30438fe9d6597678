import { afterEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
afterEach(() => gateway.close());

async function call(): Promise<Response> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({
      model: 'openai/gpt-4o-mini',
      messages: [{ role: 'user', content: 'Hello' }],
      max_tokens: 8,
    }),
  });
  await response.text();
  return response;
}
const calls = (count: number) => Promise.all(Array.from({ length: count }, call));
const statusesOf = (answers: readonly Response[]) => answers.map(({ status }) => status);
const openai = () => gateway.simulator.report().providers['openai'];
const explained = async () =>
  (await gateway.admin('POST', '/pools/explain', { model: 'openai/gpt-4o-mini' })).body;

describe('two keys of one organisation', () => {
  it('in a quota group share its limit: no call is wasted on it', async () => {
    const organisation = 'acme';
    gateway = await startTestGateway({
      providers: {
        openai: {
          organisations: { [organisation]: { limits: { rpm: 6 } } },
          keys: ['sk-sim-one', 'sk-sim-two'].map((key) => ({ key, organisation })),
        },
      },
    });
    const { body } = await gateway.admin('POST', '/quota-groups', {
      provider: 'openai',
      name: organisation,
      limits: { rpm: 6 },
    });
    const quotaGroupId = String(body['id']);
    for (const key of ['sk-sim-one', 'sk-sim-two']) await gateway.addAccount('openai', key, { quotaGroupId });
    const statuses = statusesOf(await calls(10));
    expect(statuses.filter((status) => status === 200)).toHaveLength(6);
    expect(statuses.filter((status) => status === 429)).toHaveLength(4);
    expect(openai()?.calls).toBe(6);
    expect(await explained()).toMatchObject({
      accounts: [{ reason: 'rpm' }, { reason: 'rpm' }],
      wouldAnswer: { status: 429 },
    });
  });
});

describe('a budget', () => {
  it('that is used up moves calls to the other account, and says so', async () => {
    gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one', 'sk-sim-two'] } } });
    await gateway.addAccount('openai', 'sk-sim-one', { budget: { dailyUsd: '0.00002' } });
    await gateway.addAccount('openai', 'sk-sim-two', { tier: 2 });
    for (let i = 0; i < 10; i += 1) expect((await call()).status).toBe(200);
    const { keys } = openai() ?? {};
    expect(keys?.['sk-sim-one']?.calls).toBeGreaterThan(0);
    expect(keys?.['sk-sim-two']?.calls).toBeGreaterThan(0);
    expect(await explained()).toMatchObject({
      accounts: [{ reason: 'budget_daily' }, { eligible: true, share: 1 }],
      wouldAnswer: { status: 200 },
    });
  });

  it('of the only account refuses calls until the day ends, and more money lets them through', async () => {
    gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
    const id = await gateway.addAccount('openai', 'sk-sim-one', { budget: { dailyUsd: '0.00001' } });
    let last = await call();
    for (let i = 0; i < 5 && last.status === 200; i += 1) last = await call();
    expect(last.status).toBe(429);
    expect(Number(last.headers.get('retry-after'))).toBeGreaterThan(0);
    const more = { budget: { dailyUsd: '1' } };
    expect((await gateway.admin('PATCH', `/accounts/${id}`, more, { 'if-match': '1' })).status).toBe(200);
    expect((await call()).status).toBe(200);
  });

  it('counts what an account pays: a free one never runs out', async () => {
    gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one'] } } });
    await gateway.addAccount('openai', 'sk-sim-one', { budget: { dailyUsd: '0.000000001' }, costFactor: 0 });
    expect(new Set(statusesOf(await calls(10)))).toEqual(new Set([200]));
  });
});
