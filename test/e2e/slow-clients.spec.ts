import { connect, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '../support/until.js';
import { startTestGateway, type TestGateway } from '../support/test-gateway.js';

let gateway: TestGateway;
const sockets: Socket[] = [];

beforeAll(async () => {
  gateway = await startTestGateway(
    { providers: { openai: { keys: ['sk-sim-one'] } } },
    {},
    { headersMs: 1_000, requestMs: 2_000, checkEveryMs: 50 },
  );
  await gateway.addAccount('openai', 'sk-sim-one');
});
afterAll(async () => {
  for (const socket of sockets) socket.destroy();
  await gateway.close();
});

const body = JSON.stringify({
  model: 'openai/gpt-4o-mini',
  messages: [{ role: 'user', content: 'x'.repeat(500) }],
});
const head = (): string =>
  `POST /v1/chat/completions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.callerKey}\r\n` +
  `content-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`;

/** A form whose file never ends. */
const form = (): string =>
  `POST /v1/audio/transcriptions HTTP/1.1\r\nhost: x\r\nauthorization: Bearer ${gateway.callerKey}\r\n` +
  'content-type: multipart/form-data; boundary=b\r\ncontent-length: 100000\r\n\r\n' +
  '--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nopenai/whisper-1\r\n' +
  '--b\r\ncontent-disposition: form-data; name="file"; filename="a.wav"\r\n\r\n';
/** A form that says its model after the file. */
const headless = (): string => form().replace('name="model"', 'name="later"');

/** Sends the beginning at once and the rest byte by byte for as long as it is let. @returns what was answered */
async function trickle(beginning: string, rest: string): Promise<string> {
  const socket = connect(Number(new URL(gateway.url).port), '127.0.0.1');
  sockets.push(socket);
  let answer = '';
  let sent = 0;
  socket.on('data', (data) => (answer += data.toString('latin1'))).on('error', () => undefined);
  socket.write(beginning);
  const dripping = setInterval(() => {
    if (sent < rest.length - 1) socket.write(rest.charAt(sent++));
  }, 20);
  await new Promise((resolve) => socket.once('close', resolve));
  clearInterval(dripping);
  return answer;
}

async function accountState(): Promise<unknown> {
  const { body: page } = await gateway.admin('GET', '/accounts');
  return (page['data'] as { state: unknown }[]).map(({ state }) => state);
}

async function call(): Promise<number> {
  const response = await fetch(`${gateway.url}/v1/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${gateway.callerKey}`, 'content-type': 'application/json' },
    body,
  });
  await response.text();
  return response.status;
}

describe('a client that sends byte by byte', () => {
  it.each<[string, () => [string, string]]>([
    ['its headers', () => ['', head()]],
    ['its body', () => [head(), body]],
  ])('%s is cut off, and others are served meanwhile', async (_what, request) => {
    const slow = Array.from({ length: 50 }, () => trickle(...request()));
    const others = await Promise.all(Array.from({ length: 20 }, call));
    expect(new Set(others)).toEqual(new Set([200]));
    for (const answer of await Promise.all(slow)) expect(answer).toMatch(/^(HTTP\/1\.1 408 |$)/);
    expect(gateway.simulator.report().providers['openai']?.inFlight).toBe(0);
    expect(await call()).toBe(200);
  });

  it.each<[string, () => [string, string]]>([
    ['its body', () => [head(), body]],
    ['a file, which is passed on meanwhile', () => [form(), 'x'.repeat(90_000)]],
    ['a file before it has said the model', () => [headless(), 'x'.repeat(90_000)]],
  ])('%s is told so in its wire format, and no account is blamed', async (_what, request) => {
    const before = await accountState();
    const answer = await trickle(...request());
    const [headers = '', text = ''] = answer.split('\r\n\r\n');
    expect(headers).toMatch(/^HTTP\/1\.1 408 /);
    expect(headers.toLowerCase()).toContain('connection: close');
    expect(JSON.parse(text)).toMatchObject({ error: { code: 'request_timeout' } });
    await until(
      () => Promise.resolve(gateway.simulator.report().providers['openai']?.inFlight),
      (count) => count === 0,
    );
    expect(await accountState()).toEqual(before);
    expect(await call()).toBe(200);
  });
});
