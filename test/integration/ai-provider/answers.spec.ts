import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { gzipSync } from 'node:zlib';
import { UndiciUpstreamClient } from '#ai-provider';
import { systemClock } from '#kernel';
import { ABench, json, never, success } from './a-bench.js';
import { AServer } from './a-server.js';

describe('answers of a provider', () => {
  let bench: ABench;
  beforeAll(async () => {
    bench = await ABench.start();
  });
  afterAll(() => bench.stop());

  it('sends the call with its key and brings the answer back with usage and limits', async () => {
    bench.server.behave((response, request, body) => {
      expect(request.url).toBe('/v1/chat/completions');
      expect(request.headers).toMatchObject({
        authorization: 'Bearer sk-integration-0123456789',
        'accept-encoding': 'identity',
      });
      expect(JSON.parse(body.toString())).toEqual({ model: 'm', messages: [] });
      response.writeHead(200, { ...json, 'x-ratelimit-remaining-requests': '9' }).end(success);
    });
    const answer = await bench.send();
    expect(answer).toMatchObject({
      kind: 'complete',
      status: 200,
      usage: { input: 5, output: 2 },
      limits: [{ unit: 'requests', remaining: 9 }],
    });
    expect(answer.kind === 'complete' && answer.body.toString()).toBe(success);
  });

  it('uses a connection again', async () => {
    bench.server.behave((response) => response.writeHead(200, json).end(success));
    await bench.send();
    const before = bench.server.connections;
    await bench.send();
    expect(bench.server.connections).toBe(before);
  });

  it('understands an answer that is compressed although it asked for none', async () => {
    bench.server.behave((response) =>
      response.writeHead(200, { ...json, 'content-encoding': 'gzip' }).end(gzipSync(success)),
    );
    expect(await bench.send()).toMatchObject({
      kind: 'complete',
      usage: { input: 5 },
      body: Buffer.from(success),
    });
  });

  it('takes audio as it is', async () => {
    const audio = Buffer.from([0xff, 0xf3, 0, 1]);
    bench.server.behave((response) => response.writeHead(200, { 'content-type': 'audio/mpeg' }).end(audio));
    expect(await bench.send({ operation: 'speech' })).toMatchObject({
      kind: 'complete',
      body: audio,
      usage: null,
    });
  });

  it('blames no account for words that a provider repeats from the request, in quotes or in none', async () => {
    const words = 'Incorrect API key provided';
    const body = JSON.stringify({ error: { message: `${words} is not a valid name` } });
    bench.server.behave((response) => response.writeHead(400, json).end(body));
    expect(await bench.send({ json: { model: 'm', messages: [], user: words } })).toMatchObject({
      failure: { class: 'invalid_request', scope: 'request' },
    });
    expect(await bench.send()).toMatchObject({ failure: { class: 'authentication', scope: 'account' } });
  });

  it("waits until an instant of the provider's clock as long as the provider means it", async () => {
    const date = (atMs: number) => new Date(atMs).toUTCString();
    const aheadMs = Date.now() + 3_600_000;
    const headers = { ...json, date: date(aheadMs), 'retry-after': date(aheadMs + 30_000) };
    bench.server.behave((response) => response.writeHead(429, headers).end('{}'));
    const answer = await bench.send();
    const waitMs = answer.kind === 'failed' ? (answer.failure.retryAfterMs ?? 0) : 0;
    expect(waitMs).toBeGreaterThan(28_000);
    expect(waitMs).toBeLessThanOrEqual(31_000);
  });

  it('hands on the answer of a provider that refused', async () => {
    const body = JSON.stringify({ error: { message: 'no', code: 'invalid_api_key' } });
    bench.server.behave((response) => response.writeHead(401, json).end(body));
    expect(await bench.send()).toMatchObject({
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
      bench.server.behave((response) => response.writeHead(status, headers).end(body));
      expect(await bench.send()).toMatchObject({
        kind: 'failed',
        failure: { class: failure },
        answer: { status },
      });
    });
  });

  describe('says when the way to the provider breaks', () => {
    it('before the headers', async () => {
      bench.server.behave((_, request) => request.socket.destroy());
      expect(await bench.send()).toMatchObject({
        kind: 'failed',
        failure: { class: 'transport' },
        answer: null,
      });
    });

    it('inside the body', async () => {
      bench.server.behave((response) => {
        response.writeHead(200, { ...json, 'content-length': 1_000 }).write('{"a":');
        setImmediate(() => response.destroy());
      });
      expect(await bench.send()).toMatchObject({ kind: 'failed', failure: { class: 'transport' } });
    });

    it('by nobody listening', async () => {
      const gone = await AServer.start();
      const { url } = gone;
      await gone.stop();
      expect(await bench.send({}, never, url)).toMatchObject({
        kind: 'failed',
        failure: { class: 'transport' },
      });
    });

    it('by silence before the answer', async () => {
      bench.server.behave(() => undefined);
      expect(await bench.send()).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } });
    });

    it('by silence inside the answer', async () => {
      bench.server.behave((response) => response.writeHead(200, json).write('{'));
      expect(await bench.send()).toMatchObject({ kind: 'failed', failure: { class: 'timeout' } });
    });

    it('and never sends a request twice by itself', async () => {
      bench.server.behave((response) => response.writeHead(200, json).end(success));
      await bench.send();
      const before = bench.server.requests;
      bench.server.behave((_, request) => request.socket.destroy());
      await bench.send();
      expect(bench.server.requests).toBe(before + 1);
    });
  });

  it.each(['not a url', 'https://key@host/v1', 'ftp://host'])(
    'fails without a call for base URL %p',
    async (url) => {
      expect(await bench.send({}, never, url)).toMatchObject({
        kind: 'failed',
        failure: { rule: 'transport.wrong_address' },
      });
    },
  );

  it('gives up an answer larger than it may be', async () => {
    const strict = new UndiciUpstreamClient({ maxBodyBytes: 10 }, systemClock);
    bench.server.behave((response) => response.writeHead(200, json).end(success));
    const answer = await bench.send({}, never, bench.server.url, strict);
    expect(answer).toMatchObject({
      kind: 'failed',
      failure: { rule: 'transport.answer_too_large', scope: 'request' },
    });
    await strict.close();
  });
});
