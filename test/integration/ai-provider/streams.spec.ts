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

    it('under a wrong content type are streams all the same', async () => {
      bench.server.behave((response) =>
        response.writeHead(200, { 'content-type': 'text/plain' }).end(text('a') + done),
      );
      expect(await bench.pipe(new ASink())).toMatchObject({ kind: 'completed' });
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
