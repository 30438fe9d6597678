import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals';
import { ProviderRegistry, UndiciUpstreamClient } from '#ai-provider';
import type { ByteSink, ModelCall, StreamEnd, UpstreamAnswer } from '#ai-provider';
import { Secret, systemClock } from '#kernel';
import { aModelCall } from '../../support/a-model-call.js';
import { AServer } from './a-server.js';

const registry = new ProviderRegistry();
const openai = registry.get('openai');
if (openai === null) throw new Error('no adapter');
const adapter = openai;
const credential = new Secret('sk-integration-0123456789');
const never = new AbortController().signal;

const json = { 'content-type': 'application/json' };
const sse = { 'content-type': 'text/event-stream' };
const success = JSON.stringify({
  choices: [{ message: {} }],
  usage: { prompt_tokens: 5, completion_tokens: 2 },
});
const data = (value: unknown) => `data: ${JSON.stringify(value)}\n\n`;
const role = data({ choices: [{ delta: { role: 'assistant', content: '' } }] });
const text = (content: string) => data({ choices: [{ delta: { content } }] });
const stop = data({ choices: [{ delta: {}, finish_reason: 'stop' }] });
const usage = data({ choices: [], usage: { prompt_tokens: 5, completion_tokens: 2 } });
const done = 'data: [DONE]\n\n';

/** Collects what a client would see; slow when told so. */
class ASink implements ByteSink {
  received = '';
  readonly #isSlow: boolean;
  #wake = Promise.withResolvers<void>();
  /** Resolves when the first byte is here. */
  readonly first = Promise.withResolvers<void>();

  constructor({ isSlow = false } = {}) {
    this.#isSlow = isSlow;
  }

  write(chunk: Buffer): boolean {
    this.received += chunk.toString();
    this.first.resolve();
    return !this.#isSlow;
  }

  drained(): Promise<void> {
    return this.#wake.promise;
  }

  wake(): void {
    const { resolve } = this.#wake;
    this.#wake = Promise.withResolvers<void>();
    resolve();
  }
}

describe('UndiciUpstreamClient', () => {
  let server: AServer;
  let client: UndiciUpstreamClient;
  beforeAll(async () => {
    server = await AServer.start();
    client = new UndiciUpstreamClient({ firstByteTimeoutMs: 150, idleTimeoutMs: 150 }, systemClock);
  });
  afterAll(async () => {
    await client.close();
    await server.stop();
  });
  afterEach(() => server.behave((response) => response.end()));

  const send = (
    changes: Partial<ModelCall> = {},
    signal = never,
    baseUrl = server.url,
  ): Promise<UpstreamAnswer> =>
    client.send({ adapter, call: aModelCall(changes), target: { baseUrl, credential, model: 'm' } }, signal);
  const stream = (signal = never) => send({ stream: true }, signal);
  const pipe = async (sink: ByteSink, signal = never): Promise<StreamEnd> => {
    const answer = await stream(signal);
    if (answer.kind !== 'stream') throw new Error(`expected a stream, got ${answer.kind}`);
    return answer.stream.pipe(sink);
  };

  it('sends the call with its key and brings the answer back with usage and limits', async () => {
    server.behave((response, request, body) => {
      expect(request.url).toBe('/v1/chat/completions');
      expect(request.headers).toMatchObject({
        authorization: 'Bearer sk-integration-0123456789',
        'accept-encoding': 'identity',
      });
      expect(JSON.parse(body.toString())).toEqual({ model: 'm', messages: [] });
      response.writeHead(200, { ...json, 'x-ratelimit-remaining-requests': '9' }).end(success);
    });
    const answer = await send();
    expect(answer).toMatchObject({
      kind: 'complete',
      status: 200,
      usage: { input: 5, output: 2 },
      limits: [{ unit: 'requests', remaining: 9 }],
    });
    expect(answer.kind === 'complete' && answer.body.toString()).toBe(success);
  });

  it('uses a connection again', async () => {
    server.behave((response) => response.writeHead(200, json).end(success));
    await send();
    const before = server.connections;
    await send();
    expect(server.connections).toBe(before);
  });

  it('understands an answer that is compressed although it asked for none', async () => {
    server.behave((response) =>
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(success)),
    );
    expect(await send()).toMatchObject({ kind: 'complete', usage: { input: 5 }, body: Buffer.from(success) });
  });

  it('takes audio as it is', async () => {
    const audio = Buffer.from([0xff, 0xf3, 0, 1]);
    server.behave((response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(audio));
    expect(await send({ operation: 'speech' })).toMatchObject({ kind: 'complete', body: audio, usage: null });
  });

  it('hands on the answer of a provider that refused', async () => {
    const body = JSON.stringify({ error: { message: 'no', code: 'invalid_api_key' } });
    server.behave((response) => response.writeHead(401, json).end(body));
    expect(await send()).toMatchObject({
      kind: 'failed',
      failure: { class: 'authentication', rule: 'openai.key_refused' },
      answer: { status: 401, body: Buffer.from(body) },
    });
  });

  describe('calls these answers failures', () => {
    it.each<readonly [string, number, Record<string, string>, string, string]>([
      ['truncated JSON', 200, json, success.slice(0, 20), 'server_error'],
      ['no body at all', 200, json, '', 'server_error'],
      ['a page', 200, { 'content-type': 'text/html' }, '<html>maintenance</html>', 'server_error'],
      [
        'JSON under a wrong type that is broken',
        200,
        { 'content-type': 'text/plain' },
        '{"a"',
        'server_error',
      ],
      ['an error behind a success', 200, json, '{"error":{"code":"rate_limit_exceeded"}}', 'rate_limited'],
      ['a page of a proxy', 502, { 'content-type': 'text/html' }, '<html>502</html>', 'server_error'],
      ['a redirect', 307, { location: '/elsewhere' }, '', 'not_found'],
    ])('%s', async (_, status, headers, body, failure) => {
      server.behave((response) => response.writeHead(status, headers).end(body));
      expect(await send()).toMatchObject({ kind: 'failed', failure: { class: failure }, answer: { status } });
    });
  });

  describe('says when the way to the provider breaks', () => {
    it('before the headers', async () => {
      server.behave((_, request) => request.socket.destroy());
      expect(await send()).toMatchObject({ kind: 'failed', failure: { class: 'transport' }, answer: null });
    });

    it('inside the body', async () => {
      server.behave((response) => {
        response.writeHead(200, { ...json, 'content-length': 1_000 }).write('{"a":');
        setImmediate(() => response.destroy());
      });
      expect(await send()).toMatchObject({ kind: 'failed', failure: { class: 'transport' } });
    });

    it('by nobody listening', async () => {
      const gone = await AServer.start();
      const { url } = gone;
      await gone.stop();
      expect(await send({}, never, url)).toMatchObject({ kind: 'failed', failure: { class: 'transport' } });
    });

    it('by silence before the answer', async () => {
      server.behave(() => undefined);
      expect(await send()).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } });
    });

    it('by silence inside the answer', async () => {
      server.behave((response) => response.writeHead(200, json).write('{'));
      expect(await send()).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } });
    });

    it('and never sends a request twice by itself', async () => {
      server.behave((response) => response.writeHead(200, json).end(success));
      await send();
      const before = server.requests;
      server.behave((_, request) => request.socket.destroy());
      await send();
      expect(server.requests).toBe(before + 1);
    });
  });

  it.each(['not a url', 'https://key@host/v1', 'ftp://host'])(
    'fails without a call for base URL %p',
    async (url) => {
      expect(await send({}, never, url)).toMatchObject({
        kind: 'failed',
        failure: { rule: 'transport.wrong_address' },
      });
    },
  );

  it('gives up an answer larger than it may be', async () => {
    const strict = new UndiciUpstreamClient({ maxBodyBytes: 10 }, systemClock);
    server.behave((response) => response.writeHead(200, json).end(success));
    const target = { baseUrl: server.url, credential, model: 'm' };
    const answer = await strict.send({ adapter, call: aModelCall(), target }, never);
    expect(answer).toMatchObject({
      kind: 'failed',
      failure: { rule: 'transport.answer_too_large', scope: 'request' },
    });
    await strict.close();
  });

  describe('abort', () => {
    it('before sending costs no call', async () => {
      const before = server.requests;
      expect(await send({}, AbortSignal.abort())).toMatchObject({ kind: 'aborted' });
      expect(server.requests).toBe(before);
    });

    it('while waiting closes the connection', async () => {
      const caller = new AbortController();
      const closed = new Promise((resolve) => {
        server.behave((response) => {
          response.on('close', resolve);
          caller.abort();
        });
      });
      expect(await send({}, caller.signal)).toMatchObject({ kind: 'aborted' });
      await closed;
    });

    it('inside a stream closes the connection and keeps the usage so far', async () => {
      const caller = new AbortController();
      const closed = new Promise((resolve) => {
        server.behave((response) => {
          response.on('close', resolve);
          response.writeHead(200, sse).write(role + text('a'));
        });
      });
      const sink = new ASink();
      const end = pipe(sink, caller.signal);
      await sink.first.promise;
      caller.abort();
      expect(await end).toMatchObject({ kind: 'aborted', failure: null });
      await closed;
    });

    it('of a stream that nobody reads closes the connection', async () => {
      const closed = new Promise((resolve) => {
        server.behave((response) => {
          response.on('close', resolve);
          response.writeHead(200, sse).write(text('a'));
        });
      });
      const answer = await stream();
      if (answer.kind !== 'stream') throw new Error('no stream');
      answer.stream.cancel();
      await closed;
    });
  });

  describe('streams', () => {
    it('pass on as they come, without the usage that only we asked for', async () => {
      server.behave((response, _, body) => {
        expect(JSON.parse(body.toString())).toMatchObject({ stream_options: { include_usage: true } });
        response.writeHead(200, sse).end(role + text('a') + stop + usage + done);
      });
      const sink = new ASink();
      expect(await pipe(sink)).toMatchObject({
        kind: 'completed',
        usage: { input: 5, output: 2 },
        failure: null,
      });
      expect(sink.received).toBe(role + text('a') + stop + done);
    });

    it('that fail before the first output are failures, so that another account may take over', async () => {
      server.behave((response) =>
        response
          .writeHead(200, sse)
          .end(role + data({ error: { code: 'server_is_overloaded', message: 'x' } })),
      );
      const answer = await stream();
      expect(answer).toMatchObject({
        kind: 'failed',
        failure: { class: 'overloaded' },
        answer: { status: 200 },
      });
    });

    it.each([
      ['end', (response: { end(): void }) => response.end()],
      ['break', (response: { destroy(): void }) => response.destroy()],
      ['fall silent', () => undefined],
    ])('that %s before the first output are failures', async (_, finish) => {
      server.behave((response) => {
        response.writeHead(200, sse).write(role);
        setImmediate(() => finish(response));
      });
      expect(await stream()).toMatchObject({ kind: 'failed' });
    });

    it.each([
      ['break', 'transport', (response: { destroy(): void }) => response.destroy()],
      ['end without their end', 'server_error', (response: { end(): void }) => response.end()],
      ['fall silent', 'timeout', () => undefined],
    ])('that %s after output end as failed, with whole events only', async (_, failure, finish) => {
      const sink = new ASink();
      server.behave((response) => {
        response.writeHead(200, sse).write(`${text('a')}data: {"choi`);
        void sink.first.promise.then(() => finish(response));
      });
      expect(await pipe(sink)).toMatchObject({ kind: 'failed', failure: { class: failure } });
      expect(sink.received).toBe(text('a'));
    });

    it('that bring an error after output end as failed, without showing it', async () => {
      const sink = new ASink();
      server.behave((response) => {
        response.writeHead(200, sse).write(text('a'));
        const rest = data({ error: { code: 502, message: 'org-1' } }) + done;
        void sink.first.promise.then(() => response.end(rest));
      });
      expect(await pipe(sink)).toMatchObject({ kind: 'failed', failure: { class: 'server_error' } });
      expect(sink.received).toBe(text('a'));
    });

    it('whose output comes together with an error are failures: nothing of it was shown yet', async () => {
      server.behave((response) =>
        response.writeHead(200, sse).end(text('a') + data({ error: { code: 502 } })),
      );
      expect(await stream()).toMatchObject({ kind: 'failed', failure: { class: 'server_error' } });
    });

    it('without any output, but whole, are answers', async () => {
      server.behave((response) => response.writeHead(200, sse).end(role + done));
      const sink = new ASink();
      expect(await pipe(sink)).toMatchObject({ kind: 'completed' });
      expect(sink.received).toBe(role + done);
    });

    it('answered with a whole JSON document are complete, whatever type it says it has', async () => {
      for (const headers of [json, sse]) {
        server.behave((response) => response.writeHead(200, headers).end(success));
        expect(await stream()).toMatchObject({ kind: 'complete', usage: { input: 5 } });
      }
    });

    it('under a wrong content type are streams all the same', async () => {
      server.behave((response) =>
        response.writeHead(200, { 'content-type': 'text/plain' }).end(text('a') + done),
      );
      expect(await pipe(new ASink())).toMatchObject({ kind: 'completed' });
    });

    it('wait for a slow reader instead of filling memory', async () => {
      const event = text('x'.repeat(60_000));
      const rounds = 400;
      let pushed = 0;
      const stalled = Promise.withResolvers<void>();
      server.behave((response) => {
        response.writeHead(200, sse);
        const push = () => {
          while (pushed < rounds) {
            pushed += 1;
            if (!response.write(event)) {
              response.once('drain', push);
              return;
            }
          }
          response.end(done);
        };
        push();
        // The sockets' own buffers take some; what matters is that it stops.
        response.on('drain', () => pushed > 20 && stalled.resolve());
      });
      const sink = new ASink({ isSlow: true });
      const end = pipe(sink);
      await sink.first.promise;
      const readAtFirst = sink.received.length;
      expect(readAtFirst).toBeLessThan(event.length * 3);
      expect(pushed).toBeLessThan(rounds);
      const pump = setInterval(() => sink.wake(), 0);
      expect(await end).toMatchObject({ kind: 'completed' });
      clearInterval(pump);
      expect(sink.received).toHaveLength(event.length * rounds + done.length);
    });

    it('wait for a reader that has not come yet', async () => {
      const event = text('x'.repeat(60_000));
      server.behave((response) => response.writeHead(200, sse).end(event.repeat(50) + done));
      const answer = await stream();
      if (answer.kind !== 'stream') throw new Error('no stream');
      const sink = new ASink();
      expect(await answer.stream.pipe(sink)).toMatchObject({ kind: 'completed' });
      expect(sink.received).toHaveLength(event.length * 50 + done.length);
    });
  });

  describe('refuses to call', () => {
    it.each([
      'http://169.254.169.254/v1',
      'http://2852039166/v1',
      'http://[fe80::1]/v1',
      'http://[::ffff:169.254.169.254]/v1',
      'http://metadata.google.internal/v1',
      'http://metadata.google.internal./v1',
    ])('%s, always', async (url) => {
      expect(await send({}, never, url)).toMatchObject({
        kind: 'failed',
        failure: { rule: 'transport.wrong_address', scope: 'account' },
      });
    });

    it.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]'])(
      '%s, when private addresses are',
      async (host) => {
        const strict = new UndiciUpstreamClient({ privateUpstreams: 'deny' }, systemClock);
        const target = { baseUrl: `${host}:${server.port}/v1`, credential, model: 'm' };
        const before = server.connections;
        expect(await strict.send({ adapter, call: aModelCall(), target }, never)).toMatchObject({
          kind: 'failed',
          failure: { rule: 'transport.wrong_address' },
        });
        expect(server.connections).toBe(before);
        await strict.close();
      },
    );
  });

  describe('probe', () => {
    const probe = (signal = never) => client.probe(adapter, { baseUrl: server.url, credential }, signal);

    it('asks for the list of models', async () => {
      server.behave((response, request) => {
        expect([request.method, request.url]).toEqual(['GET', '/v1/models']);
        response.writeHead(200, json).end('{"data":[]}');
      });
      expect(await probe()).toMatchObject({ ok: true });
    });

    it('says why a key does not work', async () => {
      server.behave((response) => response.writeHead(401, json).end('{}'));
      expect(await probe()).toMatchObject({ ok: false, failure: { class: 'authentication' } });
    });

    it('blames nobody when it is called off', async () => {
      expect(await probe(AbortSignal.abort())).toMatchObject({ ok: false, failure: { scope: 'request' } });
    });
  });

  it('fails calls under way when it is closed, and rejects none', async () => {
    const closing = new UndiciUpstreamClient({}, systemClock);
    const target = { baseUrl: server.url, credential, model: 'm' };
    const asked = new Promise((resolve) => server.behave(resolve));
    const answer = closing.send({ adapter, call: aModelCall(), target }, never);
    await asked;
    await closing.close();
    expect(await answer).toMatchObject({ kind: 'failed' });
    expect(await closing.send({ adapter, call: aModelCall(), target }, never)).toMatchObject({
      kind: 'failed',
    });
  });
});
