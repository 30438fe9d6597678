import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { LoopbackServer } from '../support/loopback-server.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
let headers: Readonly<Record<string, string>> = {};
let status = 200;

const provider = new LoopbackServer((request, response) => {
  request.resume().on('end', () => {
    const body =
      status === 200 ? { content: [], usage: { input_tokens: 1, output_tokens: 1 } } : { type: 'error' };
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
  });
});

beforeAll(async () => {
  gateway = await startTestGateway({ providers: {} }, { ANTHROPIC_BASE_URL: await provider.listen() });
});
afterAll(async () => {
  await gateway.close();
  await provider.close();
});

const ask = (model: string) =>
  fetch(`${gateway.url}/v1/messages`, {
    method: 'POST',
    headers: { 'x-api-key': gateway.callerKey, 'content-type': 'application/json' },
    body: JSON.stringify({ model, max_tokens: 5, messages: [{ role: 'user', content: 'Hello' }] }),
  }).then((answer) => answer.text());

describe('what a provider says of limits that no account is chosen by', () => {
  it.each([200, 500])('is shown with its account, whatever came of the call: %d', async (code) => {
    const id = await gateway.addAccount('anthropic', `sk-ant-${code}`);
    expect((await gateway.admin('GET', `/accounts/${id}`)).body['allowances']).toEqual([]);
    status = code;
    headers = {
      'anthropic-ratelimit-unified-status': 'allowed_warning',
      'anthropic-ratelimit-unified-representative-claim': 'five_hour',
      'anthropic-ratelimit-unified-5h-utilization': '0.75',
      'anthropic-ratelimit-unified-5h-reset': '1890000000',
    };
    await ask('anthropic/claude-haiku-4-5');
    const { body } = await gateway.admin('GET', `/accounts/${id}`);
    expect(body['allowances']).toEqual([
      expect.objectContaining({
        name: 'unified',
        status: 'allowed_warning',
        claim: 'five_hour',
        limit: null,
      }),
      {
        name: 'unified_5h',
        limit: 1,
        remaining: 0.25,
        status: null,
        claim: null,
        cost: null,
        resetAt: '2029-11-22T00:00:00.000Z',
        at: expect.any(String),
      },
    ]);
    await gateway.admin('DELETE', `/accounts/${id}`);
  });
});
