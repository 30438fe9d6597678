import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway({
    providers: { openai: { keys: ['sk-sim-one'] }, groq: { keys: ['gsk-sim-one'] } },
  });
  await gateway.addAccount('openai', 'sk-sim-one');
  await gateway.addAccount('groq', 'gsk-sim-one');
  await gateway.admin('POST', '/routes', {
    name: 'smart',
    tiers: [
      [{ provider: 'groq', model: 'llama-3.1-8b-instant' }],
      [{ provider: 'openai', model: 'gpt-4o-mini' }],
    ],
  });
});
afterAll(() => gateway.close());

async function keyWith(rules: object) {
  const { body } = await gateway.admin('POST', '/api-keys', { name: 'bound', scopes: ['call'], ...rules });
  const headers = { authorization: `Bearer ${String(body['secret'])}`, 'content-type': 'application/json' };
  const call = async (model: string, more: Record<string, string> = {}) => {
    const response = await fetch(`${gateway.url}/v1/chat/completions`, {
      method: 'POST',
      headers: { ...headers, ...more },
      body: JSON.stringify({ model, messages: [{ role: 'user', content: 'Hello' }] }),
    });
    const { error } = (await response.json()) as { error?: { code: string } };
    return `${response.status} ${error?.code ?? String(response.headers.get('x-pool-provider'))}`;
  };
  const models = async (path = '') => {
    const response = await fetch(`${gateway.url}/v1/models${path}`, { headers });
    const { data } = (await response.json()) as { data?: { id: string }[] };
    return data?.map(({ id }) => id) ?? response.status;
  };
  return { call, models };
}

describe('a key bound to models and providers', () => {
  it('reaches what its rules name, by whatever route', async () => {
    const { call, models } = await keyWith({ models: { allow: ['openai/gpt-4o*'] } });
    expect(await call('openai/gpt-4o-mini')).toBe('200 openai');
    expect(await call('smart')).toBe('200 openai');
    expect(await call('groq/llama-3.1-8b-instant')).toBe('403 model_not_allowed');
    expect(await models()).toEqual(['smart']);
  });

  it('reaches all that an allowed route names', async () => {
    const { call } = await keyWith({ models: { allow: ['smart'] } });
    expect(await call('smart')).toBe('200 groq');
    expect(await call('openai/gpt-4o-mini')).toBe('403 model_not_allowed');
  });

  it('reaches no denied model through a route, and no provider but its own', async () => {
    const denied = await keyWith({ models: { deny: ['llama*'] } });
    expect(await denied.call('smart')).toBe('200 openai');
    const bound = await keyWith({ providers: { allow: ['openai'] } });
    expect(await bound.call('smart')).toBe('200 openai');
    expect(await bound.call('groq/llama-3.1-8b-instant')).toBe('403 model_not_allowed');
    const nowhere = await keyWith({ providers: { deny: ['openai', 'groq'] } });
    expect(await nowhere.call('smart')).toBe('403 model_not_allowed');
    expect([await nowhere.models(), await nowhere.models('/smart')]).toEqual([[], 404]);
  });

  it('does not find out which other models there are', async () => {
    const { call } = await keyWith({ models: { allow: ['openai/*'] } });
    expect(await call('no-such-route')).toBe('403 model_not_allowed');
    expect(await call('nobody/some-model')).toBe('403 model_not_allowed');
  });
});

describe('a key bound to tags', () => {
  it('has its calls carry them', async () => {
    const { call } = await keyWith({ tags: { required: ['team'], allowed: ['cost'] } });
    expect(await call('smart')).toBe('400 invalid_request');
    expect(await call('smart', { 'x-pool-tags': 'team=a,other=b' })).toBe('400 invalid_request');
    expect(await call('smart', { 'x-pool-tags': 'team=a,cost=b' })).toBe('200 groq');
  });
});
