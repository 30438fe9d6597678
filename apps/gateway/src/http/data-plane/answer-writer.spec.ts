import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { GatewayConfig } from '#config';
import { asId } from '#kernel';
import { AnswerWriter } from './answer-writer.js';
import { OpenCalls } from './open-calls.js';

const by = { attempts: 1, provider: 'openai', accountId: asId<'Account'>('one') };
const headers = { 'content-type': 'application/json', 'x-odd': '模型', 'x-fine': 'é' };
const openCalls = new OpenCalls({ nowMs: () => 0 });
const writer = new AnswerWriter({ server: { exposeAccountId: true } } as GatewayConfig, openCalls);
let server: Server;

beforeAll(async () => {
  server = createServer((request, response) => {
    const status = 200;
    const whole = { kind: 'complete', status, headers, body: Buffer.from('{"é":1}'), by } as const;
    const pipe = (sink: { write(chunk: Buffer): boolean }) => {
      sink.write(Buffer.from('data: é\n\n'));
      return Promise.resolve({ kind: 'completed', usage: null, failure: null, durationMs: 1 } as const);
    };
    if (request.url === '/whole') writer.complete(whole, response, 'id');
    else void writer.stream({ kind: 'stream', status, headers, by, pipe }, response, 'id', 'openai');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => {
  openCalls.onApplicationShutdown();
  server.close();
});

describe('an answer with a header that cannot be passed on', () => {
  it.each([
    ['/whole', '{"é":1}'],
    ['/stream', 'data: é\n\n'],
  ])('goes out without it, and harms nobody: %s', async (path, body) => {
    const { port } = server.address() as AddressInfo;
    const answers = await Promise.all([1, 2].map(() => fetch(`http://127.0.0.1:${port}${path}`)));
    for (const answer of answers) {
      expect(answer.status).toBe(200);
      expect(answer.headers.has('x-odd')).toBe(false);
      expect(answer.headers.get('x-fine')).toBe('é');
      expect(answer.headers.get('x-pool-attempts')).toBe('1');
      expect(await answer.text()).toBe(body);
    }
  });
});
