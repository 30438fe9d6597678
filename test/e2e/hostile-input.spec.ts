import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';
import { until } from '../support/until.js';

let gateway: TestGateway;

beforeAll(async () => {
  gateway = await startTestGateway(
    { providers: { openai: { keys: ['sk-sim-one'] } } },
    { MAX_BODY_BYTES: '1048576' },
  );
  await gateway.addAccount('openai', 'sk-sim-one', { limits: { maxConcurrency: 1 } });
});
afterAll(() => gateway.close());

const chat = '/v1/chat/completions';
const good = { model: 'openai/gpt-4o-mini', messages: [{ role: 'user', content: 'Hello' }] };

async function post(body: string | Buffer, headers: Record<string, string> = {}, path = chat) {
  const response = await fetch(`${gateway.url}${path}`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json', ...headers },
    body,
  });
  return { status: response.status, body: (await response.json()) as { error: Record<string, unknown> } };
}

/** Writes raw bytes and gives back everything the server answers until it closes. */
function raw(bytes: string): Promise<string> {
  const { port } = new URL(gateway.url);
  const socket = connect(Number(port), '127.0.0.1');
  let answer = '';
  socket.on('data', (data) => (answer += data.toString('latin1'))).on('error', () => undefined);
  socket.write(bytes);
  // The server may reset the connection behind its answer: an error is an end like any other.
  return new Promise((resolve) => socket.once('close', () => resolve(answer)));
}

async function expectAlive(): Promise<void> {
  expect((await post(JSON.stringify(good))).status).toBe(200);
}

describe('bad input is answered clearly, and the process lives on', () => {
  afterAll(expectAlive);

  it.each([
    ['malformed JSON', '{"model":', 400, 'invalid_request', null],
    ['an empty body', '', 400, 'invalid_request', null],
    ['no object', '[]', 400, 'invalid_request', null],
    ['a missing model', '{"messages":[]}', 400, 'invalid_request', 'model'],
    ['a model that is no text', '{"model":7}', 400, 'invalid_request', 'model'],
    ['an unknown model', '{"model":"nothing"}', 404, 'model_not_found', 'model'],
    ['an endless model', `{"model":"openai/${'x'.repeat(250)}"}`, 400, 'invalid_request', 'model'],
  ])('%s', async (_name, body, status, code, param) => {
    expect(await post(body)).toMatchObject({ status, body: { error: { code, param } } });
  });

  it('invalid UTF-8', async () => {
    const body = Buffer.concat([Buffer.from('{"model":"'), Buffer.from([0xc3, 0x28]), Buffer.from('"}')]);
    expect(await post(body)).toMatchObject({ status: 400, body: { error: { code: 'invalid_request' } } });
  });

  it('the wrong content type', async () => {
    const answer = await post(JSON.stringify(good), { 'content-type': 'text/plain' });
    expect(answer).toMatchObject({ status: 415, body: { error: { code: 'unsupported_media_type' } } });
  });

  it('JSON nested half a million deep passes through or is refused, but harms nobody', async () => {
    const deep = `{"model":"openai/gpt-4o-mini","x":${'['.repeat(500_000)}${']'.repeat(500_000)}}`;
    expect([200, 400]).toContain((await post(deep)).status);
  });

  it('a body over the limit, announced or not', async () => {
    const big = Buffer.alloc(2_000_000, ' ');
    expect(await post(big)).toMatchObject({ status: 413, body: { error: { code: 'request_too_large' } } });
    const head = `POST ${chat} HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.callerKey}\r\ncontent-type: application/json\r\n`;
    const chunk = `${(100_000).toString(16)}\r\n${' '.repeat(100_000)}\r\n`;
    expect(await raw(`${head}transfer-encoding: chunked\r\n\r\n${chunk.repeat(12)}`)).toMatch(
      /^HTTP\/1.1 413 /,
    );
  });

  it('a body from nobody is not read at all', async () => {
    const head = `POST ${chat} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: 900000\r\n\r\n`;
    expect(await raw(head)).toMatch(/^HTTP\/1.1 401 /);
  });

  it('a bomb of headers', async () => {
    const bomb = Array.from({ length: 3_000 }, (_, i) => `x-bomb-${i}: ${'x'.repeat(20)}`).join('\r\n');
    expect(await raw(`GET /healthz HTTP/1.1\r\nhost: x\r\n${bomb}\r\n\r\n`)).toMatch(/^HTTP\/1.1 431 /);
  });

  it('bytes that are no HTTP', async () => {
    expect(await raw('\x16\x03\x01\x02\x00\x01\x00\r\n\r\n')).toMatch(/^HTTP\/1.1 400 /);
  });

  it('a path and a method nobody serves', async () => {
    const answer = await post('{}', {}, '/v1/nothing');
    expect(answer).toMatchObject({ status: 404, body: { error: { code: 'not_found' } } });
    const response = await fetch(`${gateway.url}${chat}`, {
      headers: { authorization: `Bearer ${gateway.callerKey}` },
    });
    expect([404, 405]).toContain(response.status);
  });

  it.each([
    ['x-pool-timeout-ms', 'soon'],
    ['x-pool-tags', 'no pair'],
  ])('an unreadable %s', async (name, value) => {
    const answer = await post(JSON.stringify(good), { [name]: value });
    expect(answer).toMatchObject({ status: 400, body: { error: { code: 'invalid_request', param: name } } });
  });
});

describe('a client that goes away', () => {
  it('ends the upstream call and frees the slot', async () => {
    gateway.simulator.addFault({ provider: 'openai', kind: 'slow_stream', delayMs: 20, count: 1 });
    const abort = new AbortController();
    const response = await fetch(`${gateway.url}${chat}`, {
      method: 'POST',
      headers: {
        authorization: `Bearer ${gateway.callerKey}`,
        'content-type': 'application/json',
        'x-sim-chunks': '500',
      },
      body: JSON.stringify({ ...good, stream: true, max_tokens: 500 }),
      signal: abort.signal,
    });
    await response.body?.getReader().read();
    expect([inFlight(), await freeSlots()]).toEqual([1, 0]);
    abort.abort();
    while (inFlight() > 0) await new Promise((resolve) => setImmediate(resolve));
    expect(await until(freeSlots, (free) => free > 0)).toBe(1);
    expect(gateway.simulator.report().providers['openai']?.aborted).toBe(1);
  });
});

/** Slots that the pool still gives out. */
async function freeSlots(): Promise<number> {
  const { body } = await gateway.admin('GET', '/pools/openai');
  return (body['capacity'] as { concurrency: { remaining: number } }).concurrency.remaining;
}

function inFlight(): number {
  return gateway.simulator.report().providers['openai']?.inFlight ?? 0;
}
