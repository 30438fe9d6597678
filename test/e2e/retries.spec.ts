import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

/** More than anybody would try by a fixed count. */
const keys = Array.from({ length: 30 }, (_, at) => `gsk_0123456789_${at}`);
let gateway: TestGateway;
/** Keys that the provider saw, in order. */
const seen: string[] = [];
/** What the provider answers to a key. */
let statusOf: (key: string) => 200 | 401 | 500 = () => 200;

const provider = createServer((request, response) => {
  const key = String(request.headers.authorization).slice('Bearer '.length);
  seen.push(key);
  const status = statusOf(key);
  request.resume().on('end', () => {
    response.writeHead(status, { 'content-type': 'application/json' });
    response.end(JSON.stringify(status === 200 ? served : { error: { message: 'no', type: 'error' } }));
  });
});

const served = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
};

beforeEach(async () => {
  seen.length = 0;
  await once(provider.listen(0, '127.0.0.1'), 'listening');
  const { port } = provider.address() as AddressInfo;
  gateway = await startTestGateway(
    { providers: {} },
    { SIDE_POOL_KEYS: keys.join(','), GROQ_BASE_URL: `http://127.0.0.1:${port}/openai/v1` },
  );
});
afterEach(async () => {
  await gateway.close();
  provider.closeAllConnections();
  provider.close();
});

async function call(): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'groq/m', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  await response.text();
  return response.status;
}

describe('a call', () => {
  it('is tried on as many accounts as it takes while they refuse it, each once', async () => {
    const last = keys.at(-1);
    statusOf = (key) => (key === last ? 200 : 401);
    expect(await call()).toBe(200);
    expect(seen).toHaveLength(keys.length);
    expect(new Set(seen)).toEqual(new Set(keys));
  });
});

describe('calls to a provider that breaks', () => {
  const calls = 100;

  it('are sent again no more often than a fifth of them and ten, over ten seconds', async () => {
    statusOf = () => (seen.length % 2 === 0 ? 200 : 500);
    const startMs = performance.now();
    const statuses: number[] = [];
    for (let at = 0; at < calls; at += 1) statuses.push(await call());
    const spans = Math.ceil((performance.now() - startMs) / 10_000);
    const retries = seen.length - calls;
    expect(retries).toBeGreaterThanOrEqual(0.2 * calls);
    expect(retries).toBeLessThanOrEqual(0.2 * calls + 10 * spans);
    expect(new Set(statuses)).toEqual(new Set([200, 502]));
  });
});
