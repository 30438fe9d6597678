import type { ServerResponse } from 'node:http';
import { UndiciUpstreamClient } from '#ai-provider';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from '@jest/globals';
import { ABench, ASink, data, done, never, role, sse, stop, text, usage } from './a-bench.js';

describe('a stream of which a pace is asked', () => {
  let bench: ABench;
  beforeAll(async () => {
    bench = await ABench.start();
  });
  afterAll(() => bench.stop());

  /** 10 tokens within the window, which ends when the test says so. */
  const pace = { streamFloorTokensPerSecond: 10, streamWindowMs: 1_000 };
  const words = (tokens: number) => text('x'.repeat(tokens * 4));
  let ring: (() => void) | null = null;
  let isSet = Promise.withResolvers<void>();
  let client: UndiciUpstreamClient;
  beforeEach(() => {
    ring = null;
    isSet = Promise.withResolvers<void>();
    client = new UndiciUpstreamClient(pace, { nowMs: () => 0 }, (delayMs, verdict) => {
      expect(delayMs).toBe(1_000);
      ring = verdict;
      isSet.resolve();
      return () => (ring = null);
    });
  });
  afterEach(() => client.close());
  const begin = (begun: string, then?: (response: ServerResponse) => void) => {
    bench.server.behave((response) => {
      response.writeHead(200, sse).write(begun);
      if (then !== undefined) void isSet.promise.then(() => then(response));
    });
    return bench.send({ stream: true }, never, bench.server.url, client);
  };

  it.each([
    ['is slow below it', words(9), { class: 'timeout', rule: 'transport.too_slow' }],
    ['is not where nothing can be counted', data({ choices: [{ delta: { audio: { data: 'AA' } } }] }), null],
  ])('%s when the window ends, and can be passed on all the same', async (_, begun, slow) => {
    const pending = begin(role + begun);
    await isSet.promise;
    ring?.();
    const answer = await pending;
    expect(answer).toMatchObject({
      kind: 'stream',
      slow: slow === null ? null : expect.objectContaining(slow),
    });
    if (answer.kind !== 'stream') return;
    const sink = new ASink();
    const end = answer.stream.pipe(sink);
    expect(sink.received).toBe(role + begun);
    answer.stream.cancel();
    expect(await end).toMatchObject({ kind: 'aborted' });
  });

  it('tells what a slow one had come to when it is given up, and hangs up', async () => {
    const closed = Promise.withResolvers<void>();
    const pending = begin(words(9), (response) => response.on('close', () => closed.resolve()));
    await isSet.promise;
    ring?.();
    const answer = await pending;
    if (answer.kind !== 'stream') throw new Error('no stream');
    expect(answer.stream.cancel()).toMatchObject({ kind: 'aborted', usage: { input: 1, output: 9 } });
    await closed.promise;
  });

  it('is passed on as soon as it has what the window wants, and nothing is awaited any more', async () => {
    const answer = await begin(words(5), (response) => response.write(words(5)));
    expect(answer).toMatchObject({ kind: 'stream', slow: null });
    expect(ring).toBeNull();
    if (answer.kind === 'stream') answer.stream.cancel();
  });

  it('awaits nothing of one that is fast from the beginning, or over', async () => {
    for (const begun of [words(10), words(1) + stop + done]) {
      const answer = await begin(begun);
      expect(answer).toMatchObject({ kind: 'stream', slow: null });
      expect(ring).toBeNull();
      if (answer.kind === 'stream') answer.stream.cancel();
    }
  });

  it.each([
    ['an error', data({ error: { code: 502, message: 'x' } }), 'server_error'],
    ['its end without a last word', '', 'server_error'],
  ])('fails by %s before it is passed on', async (_, rest, failure) => {
    const answer = await begin(words(1), (response) => response.end(rest));
    expect(answer).toMatchObject({ kind: 'failed', failure: { class: failure } });
    expect(ring).toBeNull();
  });

  it('ends whole where it is short', async () => {
    const answer = await begin(words(1), (response) => response.end(stop + usage + done));
    if (answer.kind !== 'stream') throw new Error('no stream');
    const sink = new ASink();
    expect(await answer.stream.pipe(sink)).toMatchObject({ kind: 'completed', usage: { output: 2 } });
    expect(sink.received).toBe(words(1) + stop + done);
    expect(ring).toBeNull();
  });

  it('is left alone with a caller that goes away', async () => {
    const gone = new AbortController();
    bench.server.behave((response) => response.writeHead(200, sse).write(words(1)));
    const pending = bench.send({ stream: true }, gone.signal, bench.server.url, client);
    await isSet.promise;
    gone.abort();
    expect(await pending).toMatchObject({ kind: 'aborted' });
    expect(ring).toBeNull();
  });
});
