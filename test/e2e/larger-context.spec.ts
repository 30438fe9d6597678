import type { IncomingMessage, ServerResponse } from 'node:http';
import { json } from 'node:stream/consumers';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { LoopbackServer } from '../support/loopback-server.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
/** Models that were asked, in order. */
const asked: string[] = [];
/** How the larger model answers. */
let larger = 200;

/** A provider whose smaller models find every call too long. */
const provider = new LoopbackServer((request, response) => void serve(request, response));

async function serve(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { model } = (await json(request)) as { model: string };
  asked.push(model);
  const status = model === 'large' ? larger : 400;
  response.writeHead(status, { 'content-type': 'application/json' });
  response.end(JSON.stringify(status === 200 ? served : status === 400 ? tooLong : broken));
}

const served = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
};
const tooLong = {
  error: {
    message: "This model's maximum context length is 8192 tokens.",
    type: 'invalid_request_error',
    param: 'messages',
    code: 'context_length_exceeded',
  },
};
const broken = { error: { message: 'down', type: 'server_error', param: null, code: null } };

beforeEach(async () => {
  asked.length = 0;
  larger = 200;
  const url = await provider.listen();
  gateway = await startTestGateway(
    { providers: { openai: { keys: ['sk-one'] } } },
    { OPENAI_BASE_URL: `${url}/v1` },
  );
  await gateway.addAccount('openai', 'sk-one');
});
afterEach(async () => {
  await gateway.close();
  await provider.close();
});

interface Target {
  readonly model: string;
  readonly contextTokens?: number;
}

const small: Target = { model: 'small' };
const middling: Target = { model: 'middling', contextTokens: 16_000 };
const large: Target = { model: 'large', contextTokens: 1_000_000 };

async function call(targets: readonly Target[], headers: object = {}) {
  const tiers = targets.map((target) => [{ provider: 'openai', ...target }]);
  const { status } = await gateway.admin('POST', '/routes', { name: 'long', tiers });
  expect(status).toBe(201);
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json', ...headers },
    body: JSON.stringify({ model: 'long', messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return { status: response.status, body: (await response.json()) as Record<string, unknown> };
}

describe('a call that is too long for a model', () => {
  it('goes on to the targets of its route that take more, even with the same account', async () => {
    expect(await call([small, middling, large])).toMatchObject({ status: 200 });
    expect(asked).toEqual(['small', 'middling', 'large']);
    const { body } = await gateway.admin('GET', '/accounts');
    expect((body['data'] as { state: object }[])[0]?.state).toMatchObject({ machine: 'closed' });
  });

  it('goes to none that takes less, or of which nobody says so, and ends with the word of the provider', async () => {
    const { status, body } = await call([middling, small, { model: 'less', contextTokens: 8_000 }]);
    expect([status, body]).toEqual([400, tooLong]);
    expect(asked).toEqual(['middling']);
  });

  it('ends with the word of the provider when its caller wants one attempt', async () => {
    expect((await call([small, large], { 'x-pool-no-fallback': 'true' })).body).toEqual(tooLong);
    expect(asked).toEqual(['small']);
  });

  it('ends with the failure of the larger model where that breaks', async () => {
    larger = 500;
    expect((await call([small, large])).status).toBe(502);
    expect(asked).toEqual(['small', 'large']);
  });
});

describe('the context of a target', () => {
  it.each([0, 1.5, -1, '8192', null])('cannot be %j', async (contextTokens) => {
    const tiers = [[{ provider: 'openai', model: 'm', contextTokens }]];
    const { status, body } = await gateway.admin('POST', '/routes', { name: 'bad', tiers });
    expect(status).toBe(400);
    expect(JSON.stringify(body)).toContain('tiers[0][0].contextTokens');
  });
});
