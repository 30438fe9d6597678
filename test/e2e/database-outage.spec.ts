import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

const keys = ['sk-sim-one', 'sk-sim-two'];
let gateway: TestGateway;
let openai: OpenAI;

beforeEach(async () => {
  gateway = await startTestGateway({ providers: { openai: { keys } } });
  for (const key of keys) await gateway.addAccount('openai', key);
  openai = new OpenAI({ baseURL: `${gateway.url}/v1`, apiKey: gateway.callerKey, maxRetries: 0 });
});
afterEach(() => gateway.close());

const messages = [{ role: 'user' as const, content: 'Hello' }];
const call = () => openai.chat.completions.create({ model: 'openai/gpt-4o-mini', messages });
const recorded = async () =>
  (await gateway.admin('GET', '/usage/records?limit=500')).body['data'] as unknown[] | undefined;

describe('while Postgres is away', () => {
  it('calls go on, changes are refused, and every call is in the ledger afterwards', async () => {
    await call();
    gateway.database.cut();
    const answers = await Promise.all(Array.from({ length: 40 }, call));
    expect(answers).toHaveLength(40);
    for (const [method, path, body] of [
      ['POST', '/accounts', { provider: 'openai', name: 'late', credential: 'sk-late' }],
      ['POST', '/quota-groups', { provider: 'openai', name: 'late' }],
      ['POST', '/api-keys', { name: 'late', scopes: ['call'] }],
      ['POST', '/routes', { name: 'late', tiers: [[{ provider: 'openai', model: 'm' }]] }],
    ] as const) {
      expect(await gateway.admin(method, path, body)).toMatchObject({
        status: 503,
        body: { code: 'storage_unavailable' },
      });
    }
    gateway.database.mend();
    expect(await until(recorded, (rows) => (rows?.length ?? 0) >= 41)).toHaveLength(41);
    expect((await gateway.admin('POST', '/api-keys', { name: 'late', scopes: ['call'] })).status).toBe(201);
  });

  it('what the machine learns is kept, and stored when Postgres is back', async () => {
    gateway.database.cut();
    gateway.simulator.revoke({ provider: 'openai', key: 'sk-sim-one' });
    for (let i = 0; i < 6; i += 1) await call();
    expect(gateway.simulator.report().providers['openai']?.keys['sk-sim-one']?.calls).toBe(1);
    gateway.database.mend();
    await gateway.restart();
    for (let i = 0; i < 6; i += 1) await call();
    expect(gateway.simulator.report().providers['openai']?.keys['sk-sim-one']?.calls).toBe(1);
  });
});
