import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoopbackServer } from '../support/loopback-server.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

const limited = {
  error: {
    message: 'Rate limit reached for gpt-4o-mini in organization org-AbCdEf123456 on requests per min (RPM).',
    type: 'requests',
    param: null,
    code: 'rate_limit_exceeded',
  },
};
let gateway: TestGateway;
let calls = 0;
const provider = new LoopbackServer((request, response) => {
  calls += 1;
  request.resume().on('end', () => {
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after': '7' });
    response.end(JSON.stringify(limited));
  });
});

beforeEach(async () => {
  calls = 0;
  const url = await provider.listen();
  gateway = await startTestGateway({ providers: {} }, { OPENAI_BASE_URL: `${url}/v1` });
});
afterEach(async () => {
  await gateway.close();
  await provider.close();
});

async function call() {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  const { error } = (await response.json()) as { error: { code: string; message: string } };
  return { status: response.status, retryAfter: Number(response.headers.get('retry-after')), error };
}

describe('a pool of one account that its provider limits', () => {
  it('answers with the word of the provider, but for whose it is, and when to come back', async () => {
    await gateway.addAccount('openai', 'sk-one');
    const { status, retryAfter, error } = await call();
    expect({ status, retryAfter, code: error.code }).toEqual({
      status: 429,
      retryAfter: 7,
      code: 'rate_limit_exceeded',
    });
    expect(error.message).toBe(limited.error.message.replace('org-AbCdEf123456', '[redacted]'));
  });

  it('rests until then: the next call is refused without being sent', async () => {
    await gateway.addAccount('openai', 'sk-one');
    await call();
    const { status, retryAfter, error } = await call();
    expect({ status, code: error.code }).toEqual({ status: 429, code: 'pool_exhausted' });
    expect(retryAfter).toBeGreaterThanOrEqual(1);
    expect(retryAfter).toBeLessThanOrEqual(7);
    expect(calls).toBe(1);
  });

  it('answers in our words where there are two', async () => {
    for (const key of ['sk-one', 'sk-two']) await gateway.addAccount('openai', key);
    const { status, error } = await call();
    expect({ status, code: error.code, calls }).toEqual({ status: 429, code: 'pool_exhausted', calls: 2 });
  });
});
