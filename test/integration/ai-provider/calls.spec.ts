import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { UndiciUpstreamClient } from '#ai-provider';
import { systemClock } from '#kernel';
import { ABench, ASink, adapter, credential, json, never, role, sse, text } from './a-bench.js';

describe('calls to a provider', () => {
  let bench: ABench;
  beforeAll(async () => {
    bench = await ABench.start();
  });
  afterAll(() => bench.stop());

  describe('abort', () => {
    it('before sending costs no call', async () => {
      const before = bench.server.requests;
      expect(await bench.send({}, AbortSignal.abort())).toMatchObject({ kind: 'aborted' });
      expect(bench.server.requests).toBe(before);
    });

    it('while waiting closes the connection', async () => {
      const caller = new AbortController();
      const closed = new Promise((resolve) => {
        bench.server.behave((response) => {
          response.on('close', resolve);
          caller.abort();
        });
      });
      expect(await bench.send({}, caller.signal)).toMatchObject({ kind: 'aborted' });
      await closed;
    });

    it('inside a stream closes the connection and keeps the usage so far', async () => {
      const caller = new AbortController();
      const closed = new Promise((resolve) => {
        bench.server.behave((response) => {
          response.on('close', resolve);
          response.writeHead(200, sse).write(role + text('a'));
        });
      });
      const sink = new ASink();
      const end = bench.pipe(sink, caller.signal);
      await sink.first.promise;
      caller.abort();
      expect(await end).toMatchObject({ kind: 'aborted', failure: null });
      await closed;
    });

    it('of a stream that nobody reads closes the connection', async () => {
      const closed = new Promise((resolve) => {
        bench.server.behave((response) => {
          response.on('close', resolve);
          response.writeHead(200, sse).write(text('a'));
        });
      });
      const answer = await bench.stream();
      if (answer.kind !== 'stream') throw new Error('no stream');
      answer.stream.cancel();
      await closed;
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
      expect(await bench.send({}, never, url)).toMatchObject({
        kind: 'failed',
        failure: { rule: 'transport.wrong_address', scope: 'account' },
      });
    });

    it.each(['http://127.0.0.1', 'http://localhost', 'http://[::1]'])(
      '%s, when private addresses are',
      async (host) => {
        const strict = new UndiciUpstreamClient({ privateUpstreams: 'deny' }, systemClock);
        const before = bench.server.connections;
        expect(await bench.send({}, never, `${host}:${bench.server.port}/v1`, strict)).toMatchObject({
          kind: 'failed',
          failure: { rule: 'transport.wrong_address' },
        });
        expect(bench.server.connections).toBe(before);
        await strict.close();
      },
    );
  });

  describe('probe', () => {
    const probe = (signal = never) =>
      bench.client.probe(adapter, { baseUrl: bench.server.url, credential }, signal);

    it('asks for the list of models', async () => {
      bench.server.behave((response, request) => {
        expect([request.method, request.url]).toEqual(['GET', '/v1/models']);
        response.writeHead(200, json).end('{"data":[]}');
      });
      expect(await probe()).toMatchObject({ ok: true });
    });

    it('says why a key does not work', async () => {
      bench.server.behave((response) => response.writeHead(401, json).end('{}'));
      expect(await probe()).toMatchObject({ ok: false, failure: { class: 'authentication' } });
    });

    it('blames nobody when it is called off', async () => {
      expect(await probe(AbortSignal.abort())).toMatchObject({ ok: false, failure: { scope: 'request' } });
    });
  });

  it('fails calls under way when it is closed, and rejects none', async () => {
    const closing = new UndiciUpstreamClient({}, systemClock);
    const asked = new Promise((resolve) => bench.server.behave(resolve));
    const answer = bench.send({}, never, bench.server.url, closing);
    await asked;
    await closing.close();
    expect(await answer).toMatchObject({ kind: 'failed' });
    expect(await bench.send({}, never, bench.server.url, closing)).toMatchObject({
      kind: 'failed',
    });
  });
});
