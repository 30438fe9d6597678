import { afterEach, describe, expect, it } from '@jest/globals';
import OpenAI from 'openai';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
afterEach(() => gateway.close());

const messages = [{ role: 'user' as const, content: 'Hello' }];
const call = () =>
  new OpenAI({
    baseURL: `${gateway.url}/v1`,
    apiKey: gateway.callerKey,
    maxRetries: 0,
  }).chat.completions.create({ model: 'openai/gpt-4o-mini', messages, max_tokens: 8 });
const explained = async () =>
  (await gateway.admin('POST', '/pools/explain', { model: 'openai/gpt-4o-mini' })).body['accounts'];
const callsOf = (key: string): number =>
  gateway.simulator.report().providers['openai']?.keys[key]?.calls ?? 0;

describe('a restart', () => {
  it('an account that was benched a moment before the stop is still benched, until the same instant', async () => {
    gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one', 'sk-sim-two'] } } });
    await gateway.addAccount('openai', 'sk-sim-one');
    gateway.simulator.addFault({
      provider: 'openai',
      key: 'sk-sim-one',
      kind: 'absurd_retry_after',
      retryAfter: '600',
    });
    await expect(call()).rejects.toMatchObject({ status: 429 });
    const before = await explained();
    expect(before).toMatchObject([{ eligible: false, reason: 'cooling', until: expect.any(String) }]);
    await gateway.restart();
    expect(await explained()).toEqual(before);
    await gateway.addAccount('openai', 'sk-sim-two');
    for (let i = 0; i < 5; i += 1) await call();
    expect(callsOf('sk-sim-one')).toBe(1);
  });

  it('a budget that is spent stays spent', async () => {
    gateway = await startTestGateway({ providers: { openai: { keys: ['sk-sim-one', 'sk-sim-two'] } } });
    await gateway.addAccount('openai', 'sk-sim-one', { budget: { dailyUsd: '0.00001' } });
    await gateway.addAccount('openai', 'sk-sim-two', { tier: 2 });
    for (let i = 0; i < 5; i += 1) await call();
    const before = callsOf('sk-sim-one');
    expect(before).toBeGreaterThan(0);
    await gateway.restart();
    for (let i = 0; i < 5; i += 1) await call();
    expect(callsOf('sk-sim-one')).toBe(before);
    expect(await explained()).toMatchObject([{ reason: 'budget_daily' }, { eligible: true }]);
  });
});
