import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

let gateway: TestGateway;
/** Keys that the provider saw, in order. */
const seen: string[] = [];
let answer: (response: ServerResponse) => void;

const provider = createServer({ keepAlive: true }, (request, response) => {
  seen.push(String(request.headers.authorization));
  request.resume().on('end', () => answer(response));
});

async function begin(keys: readonly string[]): Promise<void> {
  seen.length = 0;
  await once(provider.listen(0, '127.0.0.1', 2_000), 'listening');
  const { port } = provider.address() as AddressInfo;
  gateway = await startTestGateway(
    { providers: {} },
    { SIDE_POOL_KEYS: keys.join(','), GROQ_BASE_URL: `http://127.0.0.1:${port}/openai/v1` },
  );
}
afterEach(async () => {
  await gateway.close();
  provider.closeAllConnections();
  provider.close();
});

const keysOf = (count: number) => Array.from({ length: count }, (_, at) => `gsk_0123456789_${at}`);

async function call(stream: boolean): Promise<string> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
    body: JSON.stringify({ model: 'groq/m', stream, messages: [{ role: 'user', content: 'Hi' }] }),
  });
  return `${response.status} ${await response.text()}`;
}

const served = {
  id: 'chatcmpl-1',
  object: 'chat.completion',
  choices: [{ index: 0, message: { role: 'assistant', content: 'Hi' }, finish_reason: 'stop' }],
  usage: { prompt_tokens: 9, completion_tokens: 1, total_tokens: 10 },
};

describe('a pool of 10,000 accounts', () => {
  beforeEach(() => begin(keysOf(10_000)));

  it('serves calls in a row from one account after the other, and reports on all', async () => {
    answer = (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(served));
    for (let at = 0; at < 500; at += 1) expect(await call(false)).toMatch(/^200 /);
    expect(new Set(seen).size).toBe(500);
    const { body } = await gateway.admin('GET', '/pools/groq');
    expect(body['accounts']).toMatchObject({ total: 10_000, eligible: 10_000 });
  }, 60_000);
});

describe('one process', () => {
  const streams = 1_000;
  beforeEach(() => begin(keysOf(10)));

  it('carries 1,000 streams at once, each to its end', async () => {
    const open: ServerResponse[] = [];
    answer = (response) => {
      open.push(response);
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write(piece('begun'));
      // Not one ends before all have begun.
      if (open.length < streams) return;
      for (const one of open) one.end(`${piece(' and ended')}data: [DONE]\n\n`);
    };
    const answers = await Promise.all(Array.from({ length: streams }, () => call(true)));
    expect(open).toHaveLength(streams);
    expect(answers.filter((text) => !/^200 [^]*begun[^]*and ended[^]*\[DONE\]\n\n$/.test(text))).toEqual([]);
    const { body } = await until(
      () => gateway.admin('GET', '/pools/groq'),
      ({ status }) => status === 200,
    );
    expect(body['accounts']).toMatchObject({ total: 10, eligible: 10 });
  }, 60_000);
});

const piece = (content: string): string =>
  `data: ${JSON.stringify({ id: 'c', object: 'chat.completion.chunk', choices: [{ index: 0, delta: { content } }] })}\n\n`;
