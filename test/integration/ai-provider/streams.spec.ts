import { UndiciUpstreamClient } from '#ai-provider';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import type { LimitReading } from '#kernel';
import { ABench, ASink, data, done, json, never, role, sse, stop, success, text, usage } from './a-bench.js';

describe('streams of a provider', () => {
  let bench: ABench;
  beforeAll(async () => {
    bench = await ABench.start();
  });
  afterAll(() => bench.stop());

  describe('streams', () => {
    it('pass on as they come, without the usage that only we asked for', async () => {
      bench.server.behave((response, _, body) => {
        expect(JSON.parse(body.toString())).toMatchObject({ stream_options: { include_usage: true } });
        response.writeHead(200, sse).end(role + text('a') + stop + usage + done);
      });
      const sink = new ASink();
      expect(await bench.pipe(sink)).toMatchObject({
        kind: 'completed',
        usage: { input: 5, output: 2 },
        failure: null,
      });
      expect(sink.received).toBe(role + text('a') + stop + done);
    });

    it('tell what their head says of limits before there is any output', async () => {
      const head = { ...sse, 'x-ratelimit-limit-requests': '60', 'x-ratelimit-remaining-requests': '7' };
      const heard = Promise.withResolvers<readonly LimitReading[]>();
      let tell = 0;
      const listener = {
        noteLimits(readings: readonly LimitReading[]): void {
          tell += 1;
          heard.resolve(readings);
        },
      };
      bench.server.behave((response) => {
        response.writeHead(200, head).write(role);
        void heard.promise.then(() => response.end(text('a') + stop + done));
      });
      const answer = await bench.send({ stream: true }, never, bench.server.url, bench.client, listener);
      expect(await heard.promise).toMatchObject([{ unit: 'requests', limit: 60, remaining: 7 }]);
      expect(answer).toMatchObject({ kind: 'stream', limits: await heard.promise });
      expect(tell).toBe(1);
      if (answer.kind === 'stream') await answer.stream.pipe(new ASink());
    });

    it('that fail before the first output are failures, so that another account may take over', async () => {
      bench.server.behave((response) =>
        response
          .writeHead(200, sse)
          .end(role + data({ error: { code: 'server_is_overloaded', message: 'x' } })),
      );
      const answer = await bench.stream();
      expect(answer).toMatchObject({
        kind: 'failed',
        failure: { class: 'overloaded' },
        answer: { status: 200 },
      });
    });

    it("that begin with an error at the caller's are handed on as the document it would have been", async () => {
      const error = { code: 'context_length_exceeded', message: 'too long' };
      const event = data({ type: 'response.failed', response: { error } });
      bench.server.behave((response) => response.writeHead(200, sse).end(event));
      expect(await bench.send({ stream: true, operation: 'responses' })).toMatchObject({
        kind: 'failed',
        failure: { class: 'context_length', scope: 'request' },
        answer: {
          headers: { 'content-type': 'application/json' },
          body: Buffer.from(JSON.stringify({ error })),
        },
      });
    });

    it.each([
      ['end', (response: { end(): void }) => response.end()],
      ['break', (response: { destroy(): void }) => response.destroy()],
      ['fall silent', () => undefined],
    ])('that %s before the first output are failures', async (_, finish) => {
      bench.server.behave((response) => {
        response.writeHead(200, sse).write(role);
        setImmediate(() => finish(response));
      });
      expect(await bench.stream()).toMatchObject({ kind: 'failed' });
    });

    it.each([
      ['break', 'transport', (response: { destroy(): void }) => response.destroy()],
      ['end without their end', 'server_error', (response: { end(): void }) => response.end()],
      ['fall silent', 'timeout', () => undefined],
    ])('that %s after output end as failed, with whole events only', async (_, failure, finish) => {
      const sink = new ASink();
      bench.server.behave((response) => {
        response.writeHead(200, sse).write(`${text('a')}data: {"choi`);
        void sink.first.promise.then(() => finish(response));
      });
      expect(await bench.pipe(sink)).toMatchObject({ kind: 'failed', failure: { class: failure } });
      expect(sink.received).toBe(text('a'));
    });

    it('that bring an error after output end as failed, without showing it', async () => {
      const sink = new ASink();
      bench.server.behave((response) => {
        response.writeHead(200, sse).write(text('a'));
        const rest = data({ error: { code: 502, message: 'org-1' } }) + done;
        void sink.first.promise.then(() => response.end(rest));
      });
      expect(await bench.pipe(sink)).toMatchObject({ kind: 'failed', failure: { class: 'server_error' } });
      expect(sink.received).toBe(text('a'));
    });

    it('whose output comes together with an error are failures: nothing of it was shown yet', async () => {
      bench.server.behave((response) =>
        response.writeHead(200, sse).end(text('a') + data({ error: { code: 502 } })),
      );
      expect(await bench.stream()).toMatchObject({ kind: 'failed', failure: { class: 'server_error' } });
    });

    it('that break behind their last word are whole', async () => {
      const sink = new ASink();
      bench.server.behave((response) => {
        response.writeHead(200, sse).write(text('a') + stop + usage + done);
        void sink.first.promise.then(() => response.destroy());
      });
      expect(await bench.pipe(sink)).toMatchObject({ kind: 'completed', usage: { input: 5, output: 2 } });
      expect(sink.received).toBe(text('a') + stop + done);
    });

    it('without any output, but whole, are answers', async () => {
      bench.server.behave((response) => response.writeHead(200, sse).end(role + done));
      const sink = new ASink();
      expect(await bench.pipe(sink)).toMatchObject({ kind: 'completed' });
      expect(sink.received).toBe(role + done);
    });

    it('answered with a whole JSON document are complete, whatever type it says it has', async () => {
      for (const headers of [json, sse]) {
        bench.server.behave((response) => response.writeHead(200, headers).end(success));
        expect(await bench.stream()).toMatchObject({ kind: 'complete', usage: { input: 5 } });
      }
    });

    it.each(['text/plain', 'text/html; charset=utf-8', 'application/json', ''])(
      'under the content type %j are streams all the same',
      async (type) => {
        bench.server.behave((response) =>
          response.writeHead(200, { 'content-type': type }).end(`: hi\n\n${text('a')}${done}`),
        );
        const sink = new ASink();
        expect(await bench.pipe(sink)).toMatchObject({ kind: 'completed' });
        expect(sink.received).toBe(`: hi\n\n${text('a')}${done}`);
      },
    );

    it.each([
      ['are cut off', (response: { destroy(): void }) => void response.destroy(), 'failed'],
      ['never say it', (response: { end(data: string): void }) => response.end(stop + done), 'completed'],
    ])('that %s count what was written where no usage was told', async (_, finish, kind) => {
      const sink = new ASink();
      bench.server.behave((response) => {
        response.writeHead(200, sse).write(text('12345678') + text('9'));
        void sink.first.promise.then(() => finish(response));
      });
      const end = await bench.pipe(sink);
      expect(end).toMatchObject({ kind, usage: { input: 1, cachedInput: 0, output: 3, reasoning: 0 } });
    });

    it('that a caller leaves count what was written, and close the connection', async () => {
      const gone = new AbortController();
      const closed = Promise.withResolvers<void>();
      bench.server.behave((response) => {
        response.on('close', () => closed.resolve());
        response.writeHead(200, sse).write(text('12345678'));
      });
      const sink = new ASink();
      const end = bench.pipe(sink, gone.signal);
      await sink.first.promise;
      gone.abort();
      expect(await end).toMatchObject({ kind: 'aborted', failure: null, usage: { input: 1, output: 2 } });
      await closed.promise;
    });

    it.each([
      [100, { kind: 'failed', failure: { class: 'timeout', scope: 'provider' } }],
      [0, { kind: 'stream' }],
    ])('that only show signs of life are given up after %d ms (0: never)', async (bound, answer) => {
      let nowMs = 0;
      const options = { firstOutputTimeoutMs: bound, idleTimeoutMs: 60_000 };
      const patient = new UndiciUpstreamClient(options, { nowMs: () => nowMs });
      bench.server.behave((response) => {
        nowMs = 101;
        response.writeHead(200, sse).write(`${role}: alive\n\n`);
        if (bound === 0) response.write(text('a'));
      });
      const { url } = bench.server;
      expect(await bench.send({ stream: true }, undefined, url, patient)).toMatchObject(answer);
      await patient.close();
    });

    it('wait for a slow reader instead of filling memory', async () => {
      const event = text('x'.repeat(60_000));
      const rounds = 400;
      let pushed = 0;
      const stalled = Promise.withResolvers<void>();
      bench.server.behave((response) => {
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
      const end = bench.pipe(sink);
      await sink.first.promise;
      const readAtFirst = sink.received.length;
      expect(readAtFirst).toBeLessThan(event.length * 3);
      expect(pushed).toBeLessThan(rounds);
      const pump = setInterval(() => sink.wake(), 0);
      expect(await end).toMatchObject({ kind: 'completed' });
      clearInterval(pump);
      expect(sink.received).toHaveLength(event.length * rounds + done.length);
    });

    it('end as aborted when the reader breaks, blaming nobody', async () => {
      bench.server.behave((response) => response.writeHead(200, sse).write(text('a')));
      const broken = {
        write: (): boolean => {
          throw new Error('socket is gone');
        },
        drained: () => Promise.resolve(),
      };
      expect(await bench.pipe(broken)).toMatchObject({ kind: 'aborted', failure: null });
    });

    it('wait for a reader that has not come yet', async () => {
      const event = text('x'.repeat(60_000));
      bench.server.behave((response) => response.writeHead(200, sse).end(event.repeat(50) + done));
      const answer = await bench.stream();
      if (answer.kind !== 'stream') throw new Error('no stream');
      const sink = new ASink();
      expect(await answer.stream.pipe(sink)).toMatchObject({ kind: 'completed' });
      expect(sink.received).toHaveLength(event.length * 50 + done.length);
    });
  });
});
