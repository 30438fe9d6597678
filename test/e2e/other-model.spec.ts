import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const keys = ['sk-sim-one', 'sk-sim-two'];
let gateway: TestGateway;

beforeEach(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys } } });
  for (const key of keys) await gateway.addAccount('openai', key);
  const tiers = ['gpt-4o', 'gpt-4o-mini'].map((model) => [{ provider: 'openai', model }]);
  await gateway.admin('POST', '/routes', { name: 'smart', tiers });
});
afterEach(() => gateway.close());

async function call(headers: object = {}): Promise<{ status: number; model: unknown; attempts: number }> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'smart', messages: [{ role: 'user', content: 'Hello' }] }),
  });
  const { model } = (await response.json()) as { model?: unknown };
  return { status: response.status, model, attempts: Number(response.headers.get('x-pool-attempts')) };
}
const callsOf = (key: string): number =>
  gateway.simulator.report().providers['openai']?.keys[key]?.calls ?? 0;

describe('accounts that may not use the first model of a route', () => {
  beforeEach(() => {
    for (const key of keys) gateway.simulator.upsertKey({ provider: 'openai', key, models: ['gpt-4o-mini'] });
  });

  it('serve its next one in the same call, and are not asked for the first again', async () => {
    expect(await call()).toEqual({ status: 200, model: 'gpt-4o-mini', attempts: 3 });
    expect(await call()).toEqual({ status: 200, model: 'gpt-4o-mini', attempts: 1 });
  });

  it('are asked once where the caller wants one attempt', async () => {
    expect(await call({ 'x-pool-no-fallback': 'true' })).toMatchObject({ status: 404, attempts: 1 });
  });
});

describe('accounts whose keys are refused', () => {
  it('are asked for no other model in the same call', async () => {
    for (const key of keys) gateway.simulator.revoke({ provider: 'openai', key });
    expect(await call()).toMatchObject({ status: 503, attempts: 2 });
    expect(keys.map(callsOf)).toEqual([1, 1]);
  });
});

describe('accounts whose own rules leave out every model of a route', () => {
  it('are not asked, and nobody is told to come back', async () => {
    const { body } = await gateway.admin('GET', '/accounts');
    for (const { id, version } of body['data'] as { id: string; version: number }[]) {
      const rules = { models: { allow: ['another'], deny: [] } };
      await gateway.admin('PATCH', `/accounts/${id}`, rules, { 'if-match': `"${version}"` });
    }
    expect(await call()).toMatchObject({ status: 503, attempts: 0 });
  });
});
