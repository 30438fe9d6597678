import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { ApiKeySnapshot } from '#api-keys';
import type { GatewayConfig } from '#config';
import { asId, DomainError } from '#kernel';
import { CallAbort, type ByteSink, type Operation, type StreamEnd, type WireFormat } from '#ai-provider';
import { aModelCall } from '../../../../../test/support/a-model-call.js';
import { AnswerWriter } from './answer-writer.js';
import { OpenCalls } from './open-calls.js';

const by = { attempts: 1, provider: 'openai', accountId: asId<'Account'>('one') };
const headers = { 'content-type': 'application/json', 'x-odd': '模型', 'x-fine': 'é' };
const openCalls = new OpenCalls({ nowMs: () => 0 }, new ApiKeySnapshot());
const writer = new AnswerWriter(
  { server: { exposeAccountId: true, clientStallTimeoutMs: 60_000 } } as GatewayConfig,
  openCalls,
);
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
    else
      void writer.stream(
        { kind: 'stream', status, headers, by, pipe },
        response,
        aModelCall({}),
        new CallAbort(),
      );
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

describe('a stream that does not come to its end', () => {
  const late = new DomainError('upstream_timeout', 'The call took longer than its deadline.');
  /** What a caller gets of a stream that wrote this and then ended so. */
  async function written(
    call: { wireFormat: WireFormat; operation: Operation; asBytes?: boolean },
    before: string,
    kind: StreamEnd['kind'],
    reason?: DomainError,
  ): Promise<string> {
    const signal = new CallAbort();
    const pipe = (sink: ByteSink) => {
      sink.write(Buffer.from(before));
      if (reason !== undefined) signal.abort(reason);
      return Promise.resolve({ kind, usage: null, failure: null, durationMs: 1 } as const);
    };
    const one = createServer((_, response) => {
      const answer = { kind: 'stream', status: 200, headers: {}, by, pipe } as const;
      void writer.stream(answer, response, aModelCall({ ...call, id: asId<'Call'>('id') }), signal);
    }).listen(0, '127.0.0.1');
    await once(one, 'listening');
    try {
      const answer = await fetch(`http://127.0.0.1:${(one.address() as AddressInfo).port}`);
      return await answer.text();
    } finally {
      one.close();
    }
  }
  const error = (code: string, message: string) => ({ message, type: 'server_error', param: null, code });
  const broken = error('upstream_failed', 'The provider broke off the stream.');
  const event = 'data: {"sequence_number":41,"delta":"a"}\n\n';

  it.each<[WireFormat, Operation, string]>([
    ['openai', 'chat_completions', `data: ${JSON.stringify({ error: broken })}\n\n`],
    ['openai', 'completions', `data: ${JSON.stringify({ error: broken })}\n\n`],
    [
      'openai',
      'responses',
      `event: error\ndata: ${JSON.stringify({
        type: 'error',
        code: broken.code,
        message: broken.message,
        param: null,
        sequence_number: 42,
        error: broken,
      })}\n\n`,
    ],
    [
      'anthropic',
      'messages',
      `event: error\ndata: ${JSON.stringify({
        type: 'error',
        error: { type: 'api_error', message: broken.message, code: broken.code },
        request_id: 'id',
      })}\n\n`,
    ],
  ])("%s %s: ends with an error in the caller's wire format", async (wireFormat, operation, last) => {
    expect(await written({ wireFormat, operation }, event, 'failed')).toBe(event + last);
  });

  it('ends with an error of Gemini in a stream of Gemini', async () => {
    const text = await written({ wireFormat: 'gemini', operation: 'generate_content' }, event, 'failed');
    const last: unknown = JSON.parse(text.slice(`${event}data: `.length));
    expect(last).toMatchObject({ error: { code: 502, status: 'UNAVAILABLE', message: broken.message } });
  });

  it('says so when it was its deadline that ended it', async () => {
    const call = { wireFormat: 'openai', operation: 'chat_completions' } as const;
    const last = { error: error('upstream_timeout', late.message) };
    expect(await written(call, event, 'aborted', late)).toBe(`${event}data: ${JSON.stringify(last)}\n\n`);
  });

  it('ends half an event before it says so', async () => {
    const call = { wireFormat: 'openai', operation: 'chat_completions' } as const;
    const text = await written(call, 'data: {"half', 'failed');
    expect(text).toBe(`data: {"half\n\ndata: ${JSON.stringify({ error: broken })}\n\n`);
  });

  it('is broken off when it holds no events', async () => {
    const call = { wireFormat: 'openai', operation: 'speech', asBytes: true } as const;
    await expect(written(call, 'RIFF', 'failed')).rejects.toThrow('terminated');
  });
});
